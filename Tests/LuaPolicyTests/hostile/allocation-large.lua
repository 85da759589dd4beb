-- Blocks that are large.
local P = { name = "allocation-large", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  local t = {}
  for i = 1, 1 << 20 do t[i] = i end
  return waiting:pop()
end
return P
