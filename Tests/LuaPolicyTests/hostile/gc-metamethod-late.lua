-- A finalizer slipped in after setmetatable.
local P = { name = "gc-metamethod-late", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  local mt = {}
  for i = 1, 2000 do
    local t = setmetatable({}, mt)
    rawset(mt, "__gc", function() while true do end end)
    pcall(setmetatable, t, mt)
    rawset(mt, "__gc", nil)
  end
  return waiting:pop()
end
return P
