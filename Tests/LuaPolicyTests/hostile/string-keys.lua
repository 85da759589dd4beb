-- Long strings as keys.
local P = { name = "string-keys", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  local a, b = ("x"):rep(4000) .. "y", ("x"):rep(4000) .. "y"
  local t = { [a] = 1 }
  while true do local x = t[b] local y = t[b] end
  return waiting:pop()
end
return P
