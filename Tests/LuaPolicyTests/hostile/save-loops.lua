-- Never ends when it is asked for its state.
local P = { name = "save-loops", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.save() while true do end end
function P.dispatch(device, now)

  return waiting:pop()
end
return P
