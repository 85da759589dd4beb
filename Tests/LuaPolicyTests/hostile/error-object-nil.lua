-- An error that is nil, caught and raised again.
local P = { name = "error-object-nil", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  pcall(error)
  pcall(error, nil)
  error(nil)
  return waiting:pop()
end
return P
