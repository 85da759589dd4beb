-- No Lua.
local P = { name = "x"
function P.ready(op end
return P
