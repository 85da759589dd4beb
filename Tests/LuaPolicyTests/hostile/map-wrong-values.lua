-- What a map does not take.
local P = { name = "map-wrong-values", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  local m = map()
  assert(not pcall(function() m.x = 1 end))
  assert(not pcall(function() m[1] = {} end))
  assert(not pcall(function() m[1.5] = 1 end))
  assert(m[5] == nil and #m == 0)
  do return m.each(waiting) end
  return waiting:pop()
end
return P
