-- A key that was never there.
local P = { name = "next-wrong-key", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  log(next({ 1, 2 }, "x"))
  log(next({}, 5))
  local t = { [{}] = 1 }
  next(t)
  return waiting:pop()
end
return P
