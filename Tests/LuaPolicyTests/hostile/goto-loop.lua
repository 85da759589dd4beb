-- An endless loop by goto.
local P = { name = "goto-loop", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  ::again::
  goto again
  return waiting:pop()
end
return P
