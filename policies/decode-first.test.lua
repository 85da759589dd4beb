-- Tests of decode-first.lua: `flexnpu policy test decode-first.lua`.

test("decode goes first", {}, [[
    in   p:PPPP---  d:-D--D-
    out  PDPPDP
]])

test("the rest is whatever is not decode", {}, [[
    in   t:TTT  m:MMM  d:DDD
    out  DDDTMTMTM
]])

test("the rest gets an operation at least so often", { starve_ms = 1 }, [[
    in   t:TT  d:DDDDDDDDDDDDDDDDDDDDDDDD
    out  DDDDDDDDDDTDDDDDDDDDTDDDDD
]])

test("or only what decode leaves", { starve_ms = 0 }, [[
    in   t:TT  d:DDDDDDDDDDDDDDDD
    out  DDDDDDDDDDDDDDDDTT
]])
