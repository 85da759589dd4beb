-- More options than anybody reads.
local P = { name = "options", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch() return waiting:pop() end
P.options = {}
for i = 1, 1000 do P.options["o" .. i] = { default = i } end
return P
