-- Tests of fair.lua: `flexnpu policy test fair.lua`.

test("equal weights take turns", {}, [[
    in   a:AAAAAA  b:BBBBBB
    out  ABABABABABAB
]])

test("twice the weight, twice the share", {}, [[
    in   a/2:AAAAAA  b:BBB
    out  ABAABAABA
]])

test("time counts, not operations", {}, [[
    in   a@3:AAA  b:BBBBBBBBB
    out  A..BBBA..BBBA..BBB
]])

test("who was idle saves no credit up", {}, [[
    in   a:AAAAAAAAAA  b:------BBBB
    out  AAAAAABABABABA
]])

test("a quantum goes on with one client", { quantum_us = 300 }, [[
    in   a:AAAAAA  b:BBBBBB
    out  AAABBBAAABBB
]])
