-- No operation.
local P = { name = "returns-garbage", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  do return "an operation" end
  return waiting:pop()
end
return P
