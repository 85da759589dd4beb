-- Chooses among what is ready at random, and now and then makes the device wait.
--
-- What it does: keeps every ready operation in a heap with a random key, so that any of them may be next;
--               one decision in sixteen is put off by some microseconds.
-- When to use:  in tests: no order that a program may rely on can come from the policy.
-- What it needs: nothing.

local P = { name = "random", api = 1, version = 1 }

P.options = {
  window_operations = { default = 8, min = 1, max = 4096, doc = "operations in flight per device" },
}

local waiting = queue.heap()

function P.ready(op)
  waiting:push(op, math.random(1000000))
end

function P.dispatch(device, now)
  if in_flight(device) >= opt.window_operations then return nil end
  if math.random(16) == 1 then return nil, math.random(20000) end
  return waiting:pop()
end

return P
