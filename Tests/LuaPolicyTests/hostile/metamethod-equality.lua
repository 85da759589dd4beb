-- An equality that never ends.
local P = { name = "metamethod-equality", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  local mt = { __eq = function(a, b) while true do end end }
  local x = setmetatable({}, mt) == setmetatable({}, mt)
  return waiting:pop()
end
return P
