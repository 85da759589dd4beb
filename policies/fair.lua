-- Shares by weight.
--
-- What it does:  gives each client device time in proportion to its weight. Of the clients that
--                have work, the one that is furthest behind goes next; an operation counts with
--                what the model predicts when it is dispatched, and with what it really took when
--                it is done. A client that was idle starts level with the others: it saves no
--                credit up.
-- When to use:   programs that must not push each other out, such as training beside serving.
-- What it needs: `flexnpu run --label weight=3` for a client that should get three times the
--                others' share; without it everybody weighs 1.

local P = { name = "fair", api = 1, version = 1 }

P.options = {
  window_us = { default = 200, min = 1, max = 1000000,
    doc = "predicted work in flight per device, in microseconds" },
  window_operations = { default = 64, min = 1, max = 4096,
    doc = "operations in flight per device" },
  quantum_us = { default = 0, min = 0, max = 1000000,
    doc = "go on with one client for so much predicted work before looking at the others" },
}

-- Where weights lie far apart, the least may have to wait for long: that is their meaning.
P.starvation_ms = 60000

local opt, has_room = opt, has_room  -- quicker as locals than as globals
local waiting = queue.fair()
local current, spent_ns = nil, 0  -- the client whose quantum runs, and what it had of it

function P.open(ctx)
  if ctx.saved and ctx.saved.lead then waiting:restore(ctx.saved.lead) end
end

function P.save()
  return { lead = waiting:lead() }
end

function P.ready(op)
  waiting:push(op)
end

-- The next operation of the client whose quantum runs, or of the one that is furthest behind.
local function next_in_quantum()
  local op = current and spent_ns < opt.quantum_us * 1000 and waiting:pop(current) or nil
  if not op then
    op = waiting:pop()
    if not op then return nil end
    current, spent_ns = client(op), 0
  end
  spent_ns = spent_ns + cost(op)
  return op
end

function P.dispatch(device, now)
  if not has_room(device, opt.window_us, opt.window_operations) then return nil end
  if opt.quantum_us > 0 then return next_in_quantum() end
  return waiting:pop()
end

return P
