-- Long digit strings, converted over and over.
local P = { name = "string-numbers", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  local s = ("1"):rep(4000)
  while true do local x = pcall(function() return s | 0 end) local y = tonumber(s) end
  return waiting:pop()
end
return P
