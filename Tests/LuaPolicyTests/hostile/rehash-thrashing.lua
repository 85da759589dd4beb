-- A table that is built anew with each key.
local P = { name = "rehash-thrashing", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
array = { a = 1 }
for i = 1, 8000 do array[i] = i end
function P.dispatch(device, now)
  local t = array
  for i = 1, 1e9 do
    t["k" .. i % 3] = nil
    t["k" .. (i + 1) % 3] = i
  end
  return waiting:pop()
end
return P
