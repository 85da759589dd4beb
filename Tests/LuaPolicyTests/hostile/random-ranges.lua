-- Ranges that wrap around.
local P = { name = "random-ranges", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  local r = math.random
  r(math.mininteger, math.maxinteger)
  assert(not pcall(r, 2, 1))
  assert(not pcall(r, 0))
  while true do r(1, 3 << 61) end
  return waiting:pop()
end
return P
