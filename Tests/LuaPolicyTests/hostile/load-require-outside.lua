-- Files that are none of the policy's.
local ok1 = pcall(require, "../secret")
local ok2 = pcall(require, "/etc/passwd")
local ok3 = pcall(require, "os")
assert(not ok1 and not ok2 and not ok3)
return require ".."
