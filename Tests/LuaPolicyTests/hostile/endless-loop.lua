-- An endless loop.
local P = { name = "endless-loop", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  while true do end
  return waiting:pop()
end
return P
