-- Long digit strings with an exponent.
local P = { name = "string-number-floats", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  local s = ("1"):rep(4000) .. "e-3990"
  while true do pcall(function() return s | 0, s | 0, s | 0, s | 0 end) end
  return waiting:pop()
end
return P
