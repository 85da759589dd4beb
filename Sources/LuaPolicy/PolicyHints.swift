/// What to do about the faults that policies have most often.
enum PolicyHints {
    /// By a part of the message; the first that fits.
    private static let byMessage: [(part: String, hint: String)] = [
        (
            "`promises` is not supported",
            "how long a client may wait is P.starvation_ms; other promises are not there yet"
        ),
        ("is not supported by this version", "take the function out; it would never be called"),
        (
            "no function `ready`",
            "every operation is given to it: function P.ready(op) waiting:push(op) end"
        ),
        (
            "no function `dispatch`",
            "it chooses: function P.dispatch(device, now) return waiting:pop() end"
        ),
        ("is `return P` missing", "end the file with: return P"),
        ("`api` is", "write api = 1"),
        ("but no `tick_us`", "write P.tick_us = 1000, or whatever time apart the ticks should be"),
        (
            "it must be a number from -2^53", "leave `min` or `max` out where there is no bound"
        ),
        ("strings of a policy hold no NUL", "write the string without \\0"),
        ("holds at most", "keep strings short; put long text together in several log() calls"),
        (
            "too many instructions",
            "look at less in one call: a native queue keeps the order that a loop would search for"
        ),
        (
            "too much memory",
            "what grows with the work belongs into a queue or a map(); is something never removed?"
        ),
        ("too much time", "something in it is dear: long strings, large tables, sorting"),
        (
            "no such operation",
            "an operation ends with its `done` or `drop`; do not keep it for longer"
        ),
        ("is no ready operation", "return what a queue's pop() returned in this call"),
        ("not an operation or nil", "return an operation, or nil to wait"),
        (
            "cores, which is no integer",
            "return op, cube cores, vector cores: whole numbers (// divides), 0 or nil for no limit"
        ),
        (
            "as its note, which is no string",
            "the note is the fourth value: return op, 0, 0, \"why\""
        ),
        (
            "is in a queue already",
            "an operation waits in one queue; remove it from the other first"
        ),
        ("no fixed order", "use numbers or strings as keys"),
        ("attempt to call a nil value (method", queueMethods),
        ("options can be read in hooks", "read opt inside of a function"),
        ("P.options declares no such option", "declare it: P.options = { key = { default = … } }"),
        ("require works only while", "call require at the top of the file"),
        (
            "in the policy's folder",
            "require takes the name of a file beside this one, without .lua"
        ),
        ("returned nil and, as the nanoseconds", "return nil, or nil and nanoseconds from now"),
        ("C stack overflow", "something calls itself without an end"),
        ("variable '", "<close> needs a metamethod that policies do not have; leave it out"),
    ]

    private static let queueMethods =
        "queues have push, pop, peek, remove; a heap update, a fair queue charge, lead and "
        + "restore, a bucket wait"

    /// Names that other programs in Lua have, or that are planned.
    private static let byName: [String: String] = {
        var hints: [String: String] = [
            "os": "time is passed in: dispatch(device, now), age(op)",
            "io": "policies read no files; log(…) writes to the policy's report",
            "debug": "there is no debug library for policies",
            "coroutine":
                "there are no coroutines for policies: a coroutine would have its own budget",
            "collectgarbage": "memory is collected without being asked",
            "xpcall": "use pcall",
            "dofile": "use require for files beside the policy",
            "loadfile": "use require for files beside the policy",
            "load": "policies make no code at run time",
            "_G": "globals are named directly; `local` is better",
            "utf8": "there is no utf8 library for policies",
            "package": "require finds files beside the policy, nothing else",
            "string.find": "there are no patterns; match(text, glob) knows * and ?",
            "string.match": "there are no patterns; match(text, glob) knows * and ?",
            "string.gmatch": "there are no patterns; match(text, glob) knows * and ?",
            "string.gsub": "there are no patterns; string.sub and match(text, glob) may do",
            "math.randomseed": "the numbers are seeded from outside, so that a run can be repeated",
        ]
        let planned = [
            "bound", "layer", "request", "step", "arrival", "prompt_tokens", "remaining",
            "deadline", "slack", "program", "step_start", "step_remaining", "busy", "idle_reason",
            "memory_free", "share", "ADMIT", "REJECT", "RETRY", "on", "every", "hist",
            "count",
        ]
        for name in planned where hints[name] == nil {
            hints[name] = "it is planned, and not in this version"
        }
        return hints
    }()

    static func hint(for message: String) -> String? {
        byMessage.first { message.contains($0.part) }?.hint
    }

    static func hint(forName name: String) -> String? { byName[name] }
}
