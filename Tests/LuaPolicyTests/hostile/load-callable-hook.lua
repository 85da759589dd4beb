-- A table that pretends to be a function.
local t = setmetatable({}, { __call = function() return 1 end })
return { ready = t, dispatch = t }
