-- A constant _ENV, which some versions of Lua compile wrongly.
local _ENV <const> = 1
local function f() return x, y, z end
return f()
