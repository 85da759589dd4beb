-- Thirty doublings of a string.
local s = "x"
for i = 1, 30 do s = s .. s end
return { ready = print, dispatch = print }
