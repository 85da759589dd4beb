-- A length that lies, for insert and remove.
local P = { name = "table-insert-lies", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  local t = setmetatable({}, { __len = function() return math.maxinteger - 1 end })
  table.insert(t, 5, 1)
  table.remove(t, 1)
  while true do table.remove(t, 1) end
  return waiting:pop()
end
return P
