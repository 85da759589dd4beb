-- A to-be-closed variable whose closing never ends.
local P = { name = "close-metamethod", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  local mt = {}
  local t = setmetatable({}, mt)
  mt.__close = function() while true do end end
  local x <close> = t
  error("now close")
  return waiting:pop()
end
return P
