-- A length that lies.
local P = { name = "table-concat-lies", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  local t = setmetatable({}, { __len = function() return 1 << 60 end, __index = function() return "" end })
  log(table.concat(t))
  return waiting:pop()
end
return P
