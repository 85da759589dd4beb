-- Logs without end.
local P = { name = "log-flood", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  while true do log(("x"):rep(4000), 1, 2, 3) end
  return waiting:pop()
end
return P
