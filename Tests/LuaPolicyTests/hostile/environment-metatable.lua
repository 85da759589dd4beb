-- The metatable of the globals.
local P = { name = "environment-metatable", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  local mt = getmetatable(_ENV)
  if mt then mt.__index = function() while true do end end end
  setmetatable(_ENV, { __index = function() while true do end end })
  local x = anything
  return waiting:pop()
end
return P
