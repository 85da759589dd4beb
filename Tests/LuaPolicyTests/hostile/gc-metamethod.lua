-- A finalizer that never ends.
local P = { name = "gc-metamethod", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  for i = 1, 1000 do setmetatable({}, { __gc = function() while true do end end }) end
  return waiting:pop()
end
return P
