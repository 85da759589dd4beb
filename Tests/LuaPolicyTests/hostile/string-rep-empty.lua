-- Nothing, very often.
local P = { name = "string-rep-empty", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  local s = (""):rep(1 << 40)
  log(#s)
  return waiting:pop()
end
return P
