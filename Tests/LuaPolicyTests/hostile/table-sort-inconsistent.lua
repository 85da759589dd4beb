-- An order that is none.
local P = { name = "table-sort-inconsistent", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  local t = {}
  for i = 1, 100 do t[i] = i end
  while true do table.sort(t, function(a, b) return true end) end
  return waiting:pop()
end
return P
