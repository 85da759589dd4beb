-- A long string at once.
local P = { name = "string-rep", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  local s = string.rep("x", 1 << 30)
  log(#s)
  return waiting:pop()
end
return P
