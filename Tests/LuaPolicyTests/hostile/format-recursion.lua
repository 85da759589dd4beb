-- A format that calls a __tostring that formats, as deep as it goes.
local P = { name = "format-recursion", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  local t
  t = setmetatable({}, { __tostring = function(s) return string.format("%s", s) end })
  while true do pcall(string.format, "%s", t) end
  return waiting:pop()
end
return P
