-- A phase that is none.
local P = { name = "classify-garbage", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.classify(op) return "decode" end
function P.dispatch(device, now)

  return waiting:pop()
end
return P
