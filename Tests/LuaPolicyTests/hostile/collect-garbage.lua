-- Stops the collector.
local P = { name = "collect-garbage", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  collectgarbage("stop")
  while true do local t = {} end
  return waiting:pop()
end
return P
