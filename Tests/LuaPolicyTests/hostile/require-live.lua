-- Files, while it runs.
local P = { name = "require-live", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  require "fifo"
  return waiting:pop()
end
return P
