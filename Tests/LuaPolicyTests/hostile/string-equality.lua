-- Equal long strings, compared over and over.
local P = { name = "string-equality", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  local a, b = ("x"):rep(4000) .. "y", ("x"):rep(4000) .. "y"
  while a == b do if a == b then end if a == b then end if a == b then end end
  return waiting:pop()
end
return P
