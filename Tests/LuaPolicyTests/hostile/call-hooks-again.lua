-- Calls its own hook from inside.
local P = { name = "call-hooks-again", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  do return P.dispatch(device, now) end
  return waiting:pop()
end
return P
