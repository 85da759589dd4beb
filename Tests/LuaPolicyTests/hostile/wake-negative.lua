-- A time that is past.
local P = { name = "wake-negative", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  do return nil, -5 end
  return waiting:pop()
end
return P
