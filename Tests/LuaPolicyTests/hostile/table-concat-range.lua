-- Nothing, over a long range.
local P = { name = "table-concat-range", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  local t = {}
  for i = 1, 4000 do t[i] = "" end
  while true do table.concat(t, "", 1, 4000) end
  return waiting:pop()
end
return P
