-- Widths and precisions.
local P = { name = "string-format", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  while true do pcall(string.format, "%99999999d", 1) pcall(string.format, "%99.99f", 1e308) end
  return waiting:pop()
end
return P
