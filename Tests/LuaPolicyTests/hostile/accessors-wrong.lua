-- Accessors with what is none.
local P = { name = "accessors-wrong", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  for _, f in ipairs { name, phase, client, tenant, stream, seq, tokens, bytes, cost, age } do
    assert(not pcall(f))
    assert(not pcall(f, "x"))
    assert(not pcall(f, -1))
    assert(not pcall(f, {}))
  end
  assert(not pcall(label, 99, "x"))
  assert(not pcall(in_flight, device, 7))
  assert(not pcall(oldest, -1))
  error("still here")
  return waiting:pop()
end
return P
