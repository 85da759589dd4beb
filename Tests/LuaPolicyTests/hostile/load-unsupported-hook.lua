-- A hook that is never called must not look as if it were.
local P = { name = "admit", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch() return waiting:pop() end
function P.admit(r) return true end
return P
