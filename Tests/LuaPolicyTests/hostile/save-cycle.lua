-- State that contains itself.
local P = { name = "save-cycle", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.save()
  local t = {}
  t.t = t
  return t
end
function P.dispatch(device, now)

  return waiting:pop()
end
return P
