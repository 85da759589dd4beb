-- pcall of pcall of pcall.
local P = { name = "pcall-nested", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  while true do pcall(pcall, pcall, pcall, pcall, function() error("x") end) end
  return waiting:pop()
end
return P
