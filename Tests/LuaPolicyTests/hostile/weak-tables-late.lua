-- __mode slipped in after setmetatable.
local P = { name = "weak-tables-late", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  local mt = {}
  local weak = setmetatable({}, mt)
  mt.__mode = "k"
  for i = 1, 300 do
    local key = {}
    weak[key] = { key }
  end
  return waiting:pop()
end
return P
