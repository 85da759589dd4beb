-- One operation in two queues, and one that does not exist.
local P = { name = "queue-push-twice", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  local other = queue.heap()
  local op = waiting:peek()
  assert(not pcall(other.push, other, op, 1))
  assert(not pcall(other.push, other, 12345, 1))
  assert(not pcall(other.push, other, -1, 1))
  assert(not pcall(other.push, other, op + (1 << 32), 1))
  waiting:push(op)
  return waiting:pop()
end
return P
