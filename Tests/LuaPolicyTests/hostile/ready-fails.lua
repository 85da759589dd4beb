-- Fails when it is given work.
local P = { name = "ready-fails", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
local push = P.ready
function P.ready(op)
  push(op)
  while true do end
end
function P.dispatch(device, now)
  error("no work today")
  return waiting:pop()
end
return P
