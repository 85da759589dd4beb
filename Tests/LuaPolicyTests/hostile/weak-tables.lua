-- Weak keys that refer to each other.
local P = { name = "weak-tables", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  local weak = setmetatable({}, { __mode = "k" })
  for i = 1, 1000 do weak[{}] = {} end
  return waiting:pop()
end
return P
