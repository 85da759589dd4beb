-- Strings full of NULs, which compare slowly.
local s = "a\0b"
return { ready = print, dispatch = print }
