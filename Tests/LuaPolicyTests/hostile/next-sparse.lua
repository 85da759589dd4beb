-- Looks for the next key in a table that is nearly empty.
local P = { name = "next-sparse", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
sparse = {}
for i = 1, 2000 do sparse["k" .. i] = i end
for i = 1, 1999 do sparse["k" .. i] = nil end
function P.dispatch(device, now)
  while true do next(sparse) next(sparse) next(sparse) end
  return waiting:pop()
end
return P
