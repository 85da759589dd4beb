-- Many arguments, passed on over and over.
local P = { name = "vararg-select", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  local t = {}
  for i = 1, 250 do t[i] = i end
  local function f(n, ...)
    if n == 0 then while true do local x = select("#", ...) end end
    return f(n - 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, ...)
  end
  f(100, table.unpack(t))
  return waiting:pop()
end
return P
