-- An endless loop that does something.
local P = { name = "repeat-loop", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  local n = 0
  repeat n = n + 1 until n < 0
  return waiting:pop()
end
return P
