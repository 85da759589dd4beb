-- More arguments with each call.
local P = { name = "vararg-bomb", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  local function f(...) return f(1, 2, 3, 4, 5, 6, 7, 8, ...) end
  f()
  return waiting:pop()
end
return P
