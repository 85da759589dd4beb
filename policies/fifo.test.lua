-- Tests of fifo.lua: `flexnpu policy test fifo.lua`.

test("in the order of arrival, whoever it is", {}, [[
    in   p:PP--P-  d:-D-D--
    out  PPDDP
]])

test("operations of one stream stay in their order", {}, [[
    in   a:1234
    out  1234
]])

test("a long operation is waited for", {}, [[
    in   a@3:A---A  b:-B
    out  A..BA..
]])

test("nothing to do is nothing done", {}, [[
    in   a:--A--A
    out  --A--A
]])
