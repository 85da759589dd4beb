-- tostring of an object that calls tostring of itself.
local P = { name = "tostring-loops", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  local t
  t = setmetatable({}, { __tostring = function(s) return tostring(s) end })
  log(t)
  return waiting:pop()
end
return P
