-- Many moves of what may be moved.
local P = { name = "table-move-often", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  local t = {}
  while true do table.move(t, 1, 16000, 2) end
  return waiting:pop()
end
return P
