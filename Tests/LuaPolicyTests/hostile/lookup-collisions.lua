-- Keys that all meet, looked up.
local P = { name = "lookup-collisions", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
t = {}
for i = 1, 1000 do t[2047 * 4095 * 1023 * 511 * i] = true end
function P.dispatch(device, now)
  local last = 2047 * 4095 * 1023 * 511 * 500
  while true do local x = t[last] local y = t[last] local z = t[last] end
  return waiting:pop()
end
return P
