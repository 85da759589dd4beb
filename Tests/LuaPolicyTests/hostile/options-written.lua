-- Writes options.
local P = { name = "options-written", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  opt.x = 1
  return waiting:pop()
end
return P
