-- A handler that would run without a budget.
local P = { name = "xpcall-handler", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  xpcall(function() error("x") end, function() while true do end end)
  return waiting:pop()
end
return P
