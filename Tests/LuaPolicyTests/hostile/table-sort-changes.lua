-- A comparison that changes what is sorted.
local P = { name = "table-sort-changes", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  local t = {}
  for i = 1, 64 do t[i] = i end
  table.sort(t, function(a, b) for i = 1, 64 do t[i] = nil end return false end)
  return waiting:pop()
end
return P
