-- State that is no data.
local P = { name = "save-function", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.save() return { f = print } end
function P.dispatch(device, now)

  return waiting:pop()
end
return P
