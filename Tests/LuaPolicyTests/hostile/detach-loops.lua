-- Never ends when somebody goes.
local P = { name = "detach-loops", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.detach(client) while true do end end
function P.dispatch(device, now)

  return waiting:pop()
end
return P
