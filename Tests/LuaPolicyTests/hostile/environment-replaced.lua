-- Another _ENV.
local P = { name = "environment-replaced", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  local _ENV = setmetatable({}, { __index = function(t, k) while true do end end })
  local x = anything
  return waiting:pop()
end
return P
