-- A file that takes all memory.
local all = {}
while true do all[#all + 1] = { {}, {}, {} } end
