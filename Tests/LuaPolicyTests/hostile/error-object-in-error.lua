-- An error object whose __tostring raises itself.
local P = { name = "error-object-in-error", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  local e
  e = setmetatable({}, { __tostring = function() error(e) end })
  error(e)
  return waiting:pop()
end
return P
