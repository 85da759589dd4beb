-- Maps that nobody keeps.
local P = { name = "map-garbage", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  while true do
    local m = map()
    for i = 1, 100 do m[i] = i end
  end
  return waiting:pop()
end
return P
