-- open catches every error it gets.
local P = { name = "open", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch() return waiting:pop() end
function P.open(ctx)
  while true do pcall(function() while true do end end) end
end
return P
