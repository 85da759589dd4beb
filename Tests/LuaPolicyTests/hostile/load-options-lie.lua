-- Options that are no options.
local P = { name = "options", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch() return waiting:pop() end
P.options = { a = { default = {}, min = "x" } }
return P
