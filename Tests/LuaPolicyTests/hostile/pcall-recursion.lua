-- Each level catches the error of the one below and tries again.
local P = { name = "pcall-recursion", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  local function f() pcall(f) pcall(f) end
  f()
  return waiting:pop()
end
return P
