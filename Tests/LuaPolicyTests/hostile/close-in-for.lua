-- The closing value of a generic for.
local P = { name = "close-in-for", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  local t = setmetatable({}, { __index = { __close = 1 } })
  for k in next, { 1 }, nil, t do break end
  return waiting:pop()
end
return P
