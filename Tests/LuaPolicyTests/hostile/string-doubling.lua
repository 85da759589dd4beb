-- A string that doubles.
local P = { name = "string-doubling", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  local s = "x"
  while true do s = s .. s end
  return waiting:pop()
end
return P
