-- Everything at once, in the order in which it became ready.
--
-- What it does:  dispatches each operation as soon as it is ready, whoever it belongs to. There is
--                no window: work waits in the queues of the device, which orders it in its own way,
--                and what was sent cannot be taken back.
-- When to use:   to see what programs do to each other where nothing schedules them; the first row
--                of a comparison.
-- What it needs: nothing. A policy that is swapped in later finds the device full of what this one
--                sent ahead.

local P = { name = "passthrough", api = 1, version = 1 }

local waiting = queue.fifo()

function P.ready(op)
  waiting:push(op)
end

function P.dispatch(device, now)
  return waiting:pop()
end

return P
