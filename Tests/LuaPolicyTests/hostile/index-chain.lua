-- A long chain of __index.
local P = { name = "index-chain", api = 1 }
local waiting = queue.fifo()
function P.ready(op) waiting:push(op) end
chain = {}
for i = 1, 150 do chain = setmetatable({}, { __index = chain }) end
function P.dispatch(device, now)
  while true do local x = chain.x local y = chain.x end
  return waiting:pop()
end
return P
