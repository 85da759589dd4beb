-- Takes everything and gives nothing.
local P = { name = "queue-pop-all", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  while waiting:pop() do end
  do return nil end
  return waiting:pop()
end
return P
