-- Methods of a queue on what is none.
local P = { name = "queue-wrong-self", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  local push, pop = waiting.push, waiting.pop
  for _, thing in ipairs { 1, "x", {}, map(), push, opt } do
    assert(not pcall(push, thing, 1))
    assert(not pcall(pop, thing))
  end
  error("still here")
  return waiting:pop()
end
return P
