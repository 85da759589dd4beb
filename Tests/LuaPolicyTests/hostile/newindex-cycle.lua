-- A __newindex that leads back to itself.
local P = { name = "newindex-cycle", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  local a, b = {}, {}
  setmetatable(a, { __newindex = b })
  setmetatable(b, { __newindex = a })
  while true do pcall(function() a.x = 1 end) end
  return waiting:pop()
end
return P
