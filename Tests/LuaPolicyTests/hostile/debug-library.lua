-- The debug library.
local P = { name = "debug-library", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  debug.sethook()
  while true do end
  return waiting:pop()
end
return P
