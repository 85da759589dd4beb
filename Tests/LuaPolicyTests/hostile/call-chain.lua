-- Tables that are called through tables.
local P = { name = "call-chain", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  local f = function() end
  for i = 1, 2000 do f = setmetatable({}, { __call = f }) end
  f()
  return waiting:pop()
end
return P
