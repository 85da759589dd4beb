-- Everything goes to the device's own queues at once, in the order in which it became ready.

local P = { name = "passthrough", api = 1, version = 1 }

local waiting = queue.fifo()

function P.ready(op) waiting:push(op) end

function P.dispatch() return waiting:pop() end

return P
