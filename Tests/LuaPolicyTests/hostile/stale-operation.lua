-- Operations from long ago.
local P = { name = "stale-operation", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
last = nil
function P.dispatch(device, now)
  local op = waiting:peek()
  last = last or op
  do return last end
  return waiting:pop()
end
return P
