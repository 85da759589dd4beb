-- A sort that runs no instruction.
local P = { name = "table-sort-large", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  local t = {}
  for i = 1, 2000 do t[i] = (i * 7919) % 2003 end
  while true do table.sort(t) end
  return waiting:pop()
end
return P
