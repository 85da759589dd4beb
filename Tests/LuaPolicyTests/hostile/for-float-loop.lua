-- A loop whose step is lost in rounding.
local P = { name = "for-float-loop", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  for x = 1.0, 1e300, 1 do local y = x end
  return waiting:pop()
end
return P
