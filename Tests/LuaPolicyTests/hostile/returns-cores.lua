-- Cores that are none.
local P = { name = "returns-cores", api = 1 }
local waiting, count = queue.fifo(), 0
local wrong = { 0 / 0, 1e300, "8", -1, 65536, 1.5, math.mininteger, {}, waiting, print, true }
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  count = count + 1
  local cores = wrong[count % #wrong + 1]
  if count % 2 == 0 then return waiting:pop(), cores end
  return waiting:pop(), 1, cores, "note"
end
return P
