-- State without end.
local P = { name = "save-large", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.save()
  local t = {}
  for i = 1, 3000 do t[i] = ("x"):rep(1000) end
  return t
end
function P.dispatch(device, now)

  return waiting:pop()
end
return P
