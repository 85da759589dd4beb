-- Changes what it goes through.
local P = { name = "pairs-changes", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  local t = { a = 1, b = 2, c = 3 }
  for k in pairs(t) do
    t[k] = nil
    t[k .. k] = 1
  end
  for k in pairs(t) do rawset(t, k .. "x", 1) end
  while true do for k in pairs(t) do end end
  return waiting:pop()
end
return P
