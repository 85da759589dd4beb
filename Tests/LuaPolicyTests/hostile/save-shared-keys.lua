-- A table whose keys cost much to put in order, many times in what is saved.
local P = { name = "save-shared-keys", api = 1, version = 1 }
local q = queue.fifo()
function P.ready(op) q:push(op) end
function P.dispatch(d, now) return q:pop() end

local wide, prefix = {}, ("k"):rep(4000)
function P.open()
  for i = 1, 900 do wide[prefix .. i] = 1 end
end
function P.save() local t = {} for i = 1, 64 do t[i] = wide end return t end
return P
