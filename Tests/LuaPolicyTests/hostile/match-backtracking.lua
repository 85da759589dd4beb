-- A glob that matches in many ways.
local P = { name = "match-backtracking", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  while true do match(("a"):rep(256), ("*a"):rep(120) .. "b") end
  return waiting:pop()
end
return P
