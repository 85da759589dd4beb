-- More results than there is room for.
local P = { name = "table-unpack", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  local f = function(...) return select("#", ...) end
  f(table.unpack({}, 1, 1e8))
  return waiting:pop()
end
return P
