-- The metatable that all strings share.
local P = { name = "string-metatable", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  local mt = getmetatable("")
  mt.__index = function() while true do end end
  local x = ("x").y
  return waiting:pop()
end
return P
