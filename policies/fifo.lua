-- First come, first served.
--
-- What it does:  dispatches operations in the order in which they became ready, whoever they belong
--                to.
-- When to use:   one program, or programs that wait for each other anyway; the reference that other
--                policies are compared with.
-- What it needs: nothing. A program that offers more work gets more of the device; see fair.lua.

local P = { name = "fifo", api = 1, version = 1 }

P.options = {
  -- Wide: whatever waits goes out in the same order. Narrow it where policies are swapped often:
  -- what was launched before a swap cannot be taken back.
  window_us = { default = 5000, min = 1, max = 1000000,
    doc = "predicted work in flight per device, in microseconds" },
  window_operations = { default = 64, min = 1, max = 4096,
    doc = "operations in flight per device" },
}

local opt, has_room = opt, has_room  -- quicker as locals than as globals
local waiting = queue.fifo()

function P.ready(op)
  waiting:push(op)
end

function P.dispatch(device, now)
  if not has_room(device, opt.window_us, opt.window_operations) then return nil end
  return waiting:pop()
end

return P
