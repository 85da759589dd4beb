-- open never ends.
local P = { name = "open", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch() return waiting:pop() end
function P.open(ctx) while true do end end
return P
