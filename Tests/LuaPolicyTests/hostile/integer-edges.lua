-- Divisions at the edge of the integers.
local P = { name = "integer-edges", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  local low, m = math.mininteger, -1
  local a, b = low // m, low % m
  local ok = pcall(function() return 1 // 0 end)
  local ok2 = pcall(function() return 1 % 0 end)
  error(tostring(a) .. tostring(b) .. tostring(ok) .. tostring(ok2))
  return waiting:pop()
end
return P
