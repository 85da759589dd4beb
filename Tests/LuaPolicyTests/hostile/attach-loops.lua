-- Never ends when somebody comes.
local P = { name = "attach-loops", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.attach(client) while true do end end
function P.dispatch(device, now)

  return waiting:pop()
end
return P
