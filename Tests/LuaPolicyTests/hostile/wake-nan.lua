-- A time that is none.
local P = { name = "wake-nan", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  do return nil, 0 / 0 end
  return waiting:pop()
end
return P
