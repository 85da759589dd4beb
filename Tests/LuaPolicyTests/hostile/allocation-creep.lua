-- A little more with each call, until the limit.
local P = { name = "allocation-creep", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
all = {}
function P.dispatch(device, now)
  for i = 1, 500 do
    local n = #all
    all[n + 1] = { n, n, n, n }
  end
  return waiting:pop()
end
return P
