-- Rates that are no rates.
local P = { name = "bucket-absurd", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  assert(not pcall(queue.bucket, 0, 1))
  assert(not pcall(queue.bucket, -1, 1))
  assert(not pcall(queue.bucket, 0 / 0, 1))
  assert(not pcall(queue.bucket, 1, 1e300))
  local b = queue.bucket(1e-300, 1)
  b:push(waiting:pop())
  local op = b:pop()
  do return nil, b:wait() end
  return waiting:pop()
end
return P
