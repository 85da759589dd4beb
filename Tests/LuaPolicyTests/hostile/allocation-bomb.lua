-- Tables that are all kept.
local P = { name = "allocation-bomb", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
all = {}
function P.dispatch(device, now)
  while true do all[#all + 1] = { {}, {}, {} } end
  return waiting:pop()
end
return P
