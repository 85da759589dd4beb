-- An error object whose __tostring never ends.
local P = { name = "error-object-loops", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  error(setmetatable({}, { __tostring = function() while true do end end }))
  return waiting:pop()
end
return P
