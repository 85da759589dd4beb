-- More values than anybody reads.
local P = { name = "returns-many", api = 1 }
local waiting = queue.fifo()
local function many(n) if n == 0 then return 0 end return n, many(n - 1) end
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  if now % 2000000 == 0 then return many(150) end
  return waiting:pop(), 0, 0, nil, table.unpack({}, 1, 250)
end
return P
