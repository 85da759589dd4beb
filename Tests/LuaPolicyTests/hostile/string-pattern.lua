-- A pattern that takes forever.
local P = { name = "string-pattern", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  ("a"):rep(4000):find(("a*"):rep(20) .. "b")
  return waiting:pop()
end
return P
