-- Recursion without an end.
local P = { name = "deep-recursion", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  local function f(n) return 1 + f(n + 1) end
  do return f(1) end
  return waiting:pop()
end
return P
