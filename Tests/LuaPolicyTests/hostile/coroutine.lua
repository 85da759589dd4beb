-- A coroutine, whose budget would be its own.
local P = { name = "coroutine", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  local co = coroutine.wrap(function() while true do end end)
  co()
  return waiting:pop()
end
return P
