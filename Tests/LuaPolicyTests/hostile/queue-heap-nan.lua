-- Keys that have no order.
local P = { name = "queue-heap-nan", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  local heap = queue.heap()
  local op = waiting:pop()
  assert(not pcall(heap.push, heap, op, 0 / 0))
  heap:push(op, 1e308)
  heap:update(op, 0 / 0)
  return waiting:pop()
end
return P
