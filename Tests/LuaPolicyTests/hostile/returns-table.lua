-- An operation in a table.
local P = { name = "returns-table", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  do return { waiting:pop() } end
  return waiting:pop()
end
return P
