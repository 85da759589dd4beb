-- Keys that cost much to put in order.
local P = { name = "pairs-long-keys", api = 1 }
local wide, prefix = {}, ("k"):rep(4000)
local waiting = queue.fifo()
function P.open()
  for i = 1, 900 do wide[prefix .. i] = 1 end
end
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  for key in pairs(wide) do wide[key] = 2 end
  return waiting:pop()
end
return P
