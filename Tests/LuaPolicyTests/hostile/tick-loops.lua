-- Never ends at a tick.
local P = { name = "tick-loops", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
P.tick_us = 10
function P.tick(now) while true do end end
function P.dispatch(device, now)

  return waiting:pop()
end
return P
