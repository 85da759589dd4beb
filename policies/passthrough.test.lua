-- Tests of passthrough.lua: `flexnpu policy test passthrough.lua`.

test("in the order of arrival, whoever it is", {}, [[
    in   p:PP--P-  d:-D-D--
    out  PPDDP
]])

test("neither phase nor weight counts", {}, [[
    in   p/9:PPP  d:DDD
    out  PDPDPD
]])

test("nothing is held while there is work", {}, [[
    in   a@2:A--A  b:-B
    out  A.BA.
]])
