-- Programs.
local P = { name = "os-library", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  os.execute("true")
  return waiting:pop()
end
return P
