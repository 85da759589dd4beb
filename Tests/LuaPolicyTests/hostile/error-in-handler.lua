-- An error in what handles an error, as deep as it goes.
local P = { name = "error-in-handler", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  local function f() local ok = pcall(f) error(ok) end
  f()
  return waiting:pop()
end
return P
