-- Decode first; what is left of the device goes to the rest.
--
-- What it does:  dispatches decode operations before prefill and everything else, because somebody
--                is waiting for the next token. So that the rest is never starved, one of its
--                operations goes ahead of decode whenever none of it ran for `starve_ms`. Within
--                decode, and within the rest, clients share by weight.
-- When to use:   a decoding program beside one that prefills or trains, on one device.
-- What it needs: phases: marks in the program, `flexnpu run --label phase=decode`, or shapes that
--                tell. A program whose prefill and decode share one stream offers one operation at
--                a time, so this can only order it against other streams.

local P = { name = "decode-first", api = 1, version = 1 }

P.options = {
  window_us = { default = 200, min = 1, max = 1000000,
    doc = "predicted work in flight per device, in microseconds" },
  window_operations = { default = 64, min = 1, max = 4096,
    doc = "operations in flight per device" },
  starve_ms = { default = 50, min = 0, max = 10000,
    doc = "the rest gets an operation at least this often; 0: only what decode leaves" },
}

-- `starve_ms` is for the rest as a whole; of many clients each may have to wait for longer.
P.starvation_ms = 60000

local opt, has_room = opt, has_room  -- quicker as locals than as globals
local decode, rest = queue.fair(), queue.fair()
local rest_since = {}  -- by device: when its rest began to wait, or was served last

function P.open(ctx)
  if not ctx.saved then return end
  if ctx.saved.decode then decode:restore(ctx.saved.decode) end
  if ctx.saved.rest then rest:restore(ctx.saved.rest) end
end

function P.save()
  return { decode = decode:lead(), rest = rest:lead() }
end

function P.ready(op)
  if phase(op) == DECODE then decode:push(op) else rest:push(op) end
end

local function is_starved(device, now)
  if opt.starve_ms == 0 then return false end
  if not rest:peek() then
    rest_since[device] = nil
    return false
  end
  rest_since[device] = rest_since[device] or now
  return now - rest_since[device] >= opt.starve_ms * 1000000
end

function P.dispatch(device, now)
  if not has_room(device, opt.window_us, opt.window_operations) then return nil end
  if not is_starved(device, now) then
    local op = decode:pop()
    if op then return op end
  end
  rest_since[device] = now
  return rest:pop() or decode:pop()
end

return P
