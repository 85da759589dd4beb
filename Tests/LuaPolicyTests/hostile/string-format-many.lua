-- A long format.
local P = { name = "string-format-many", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  local f = ("%s"):rep(1000)
  local t = {}
  for i = 1, 200 do t[i] = ("x"):rep(1000) end
  while true do pcall(string.format, f, table.unpack(t)) end
  return waiting:pop()
end
return P
