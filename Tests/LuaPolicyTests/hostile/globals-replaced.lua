-- Takes everybody's functions away.
local P = { name = "globals-replaced", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  local keep = waiting
  pcall, error, tostring, type, queue, phase, next, opt = nil, nil, nil, nil, nil, nil, nil, nil
  local x = pcall(1)
  return waiting:pop()
end
return P
