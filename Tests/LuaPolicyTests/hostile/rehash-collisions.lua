-- Keys that all meet, put in until the table has to be built anew.
local P = { name = "rehash-collisions", api = 1 }
local waiting = queue.fifo()
table_of_collisions, count, step = {}, 0, 2047 * 4095 * 1023 * 511
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  local t = table_of_collisions
  for i = 1, 400 do
    count = count + 1
    t[count * step] = true
  end
  return waiting:pop()
end
return P
