-- A map without end.
local P = { name = "map-bomb", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
m = map()
function P.dispatch(device, now)
  for i = 1, 1e9 do m[i] = i end
  return waiting:pop()
end
return P
