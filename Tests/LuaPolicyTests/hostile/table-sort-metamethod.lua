-- A sort whose comparisons are a metamethod's.
local P = { name = "table-sort-metamethod", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  local mt = { __lt = function(a, b) while true do end end }
  local t = {}
  for i = 1, 50 do t[i] = setmetatable({}, mt) end
  table.sort(t)
  return waiting:pop()
end
return P
