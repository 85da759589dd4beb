-- Never ends when an option changes.
local P = { name = "changed-loops", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
P.options = { window = { default = 1, min = 0, max = 1000 } }
function P.changed(key) while true do end end
function P.dispatch(device, now)

  return waiting:pop()
end
return P
