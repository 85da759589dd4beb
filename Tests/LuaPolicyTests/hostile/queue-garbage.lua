-- Queues that nobody keeps, with operations in them.
local P = { name = "queue-garbage", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  local op = waiting:pop()
  if op then
    local q = queue.fifo()
    q:push(op)
  end
  for i = 1, 300 do queue.heap() end
  return waiting:pop()
end
return P
