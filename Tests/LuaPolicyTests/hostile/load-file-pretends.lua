-- Table fields from metamethods: the policy's table lies about its hooks.
local t = setmetatable({}, { __index = function(t, k) while true do end end })
return t
