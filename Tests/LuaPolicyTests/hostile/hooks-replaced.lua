-- Replaces its own hooks.
local P = { name = "hooks-replaced", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  P.dispatch = function() while true do end end
  P.ready = nil
  setmetatable(P, { __index = function() while true do end end })
  return waiting:pop()
end
return P
