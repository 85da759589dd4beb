-- Tests of fair.lua: `flexnpu policy test fair.lua`.

test("equal weights take turns", {}, [[
    in   a:AAAAAA  b:BBBBBB
    out  ABABABABABAB
]])

test("three times the weight, three times the share", {}, [[
    in   a/3:AAAAAAAAA  b:BBBBB
    out  ABAAABAAABAABB
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
