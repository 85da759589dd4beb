-- Everything moves up, each time.
local P = { name = "table-insert-front", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  local t = {}
  while true do table.insert(t, 1, 1) end
  return waiting:pop()
end
return P
