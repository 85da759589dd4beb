-- Puts many keys in order, over and over.
local P = { name = "pairs-large", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
large = {}
for i = 1, 1000 do large["k" .. i] = i end
function P.dispatch(device, now)
  while true do for k in pairs(large) do break end end
  return waiting:pop()
end
return P
