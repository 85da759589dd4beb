-- Runs into the limit on purpose, and then keeps the result.
local P = { name = "pcall-after-limit", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  local ok = pcall(function() for i = 1, 1e9 do end end)
  do return ok and 1 or 2 end
  return waiting:pop()
end
return P
