-- A move over all integers.
local P = { name = "table-move", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  table.move({}, 1, math.maxinteger - 1, 2)
  return waiting:pop()
end
return P
