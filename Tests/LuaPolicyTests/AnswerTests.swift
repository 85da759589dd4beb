import LuaPolicy
import Scheduling
import Testing
import Wire

/// What `dispatch` may answer, and what it may not.
@Suite("Answers of dispatch")
struct AnswerTests {
    /// A FIFO whose dispatch ends in `answer`, with the operation in `op`, on line 5.
    private func answering(_ answer: String) throws -> LuaPolicy {
        let fifo = try policy(
            """
            local waiting = queue.fifo()
            function P.ready(op) waiting:push(op) end
            function P.dispatch(device, now)
              local op = waiting:pop()
              \(answer)
            end
            """)
        #expect(fifo.give([operation(0), operation(1)]).isEmpty)
        return fifo
    }

    private func terms(_ decision: Decision) -> (cores: CoreLimit, note: UInt32)? {
        guard case .dispatch(_, _, let cores, let note) = decision else { return nil }
        return (cores, note)
    }

    struct Cores: Sendable {
        var answer: String
        var cube: UInt16 = 0
        var vector: UInt16 = 0
    }

    @Test(arguments: [
        Cores(answer: "return op"), Cores(answer: "return op, 0, 0"),
        Cores(answer: "return op, 8, 16", cube: 8, vector: 16),
        Cores(answer: "return op, 65535, 1", cube: 65535, vector: 1),
        Cores(answer: "return op, 12", cube: 12), Cores(answer: "return op, nil, 5", vector: 5),
        Cores(answer: "return op, 16 / 2, 3.0", cube: 8, vector: 3),
        Cores(answer: "return op, nil, nil, nil"),
        Cores(answer: "return op, 1, 2, nil, 9", cube: 1, vector: 2),
        Cores(answer: "return op, cores(op)"),
    ])
    func `cores reach the decision`(one: Cores) throws {
        let policy = try answering(one.answer)
        let decision = policy.decide(idle, now: 0)
        let expected = CoreLimit(cube: one.cube, vector: one.vector)
        #expect(decision == .dispatch(operation(0).id, line: 5, cores: expected, note: 0))
    }

    @Test(arguments: [
        ("0 / 0", "nan"), ("1e300", "1e+300"), ("'8'", "a string"), ("-1", "-1"),
        ("65536", "65536"), ("7.5", "7.5"), ("math.huge", "inf"), ("math.mininteger", "-9.2"),
        ("true", "a boolean"), ("{}", "a table"), ("waiting", "a userdata"),
        ("function() end", "a function"),
    ])
    func `what is no number of cores is a breach, and the operation stays`(
        value: String, named: String
    ) throws {
        for (answer, pool) in [("op, \(value)", "cube"), ("op, 1, \(value), 'why'", "vector")] {
            let policy = try answering("return \(answer)")
            guard case .breach(let breach) = policy.decide(idle, now: 0) else {
                Issue.record("\(answer) was taken")
                continue
            }
            #expect(breach.kind == .error)
            #expect(breach.message.hasPrefix("test.lua:5: dispatch: "), "\(breach.message)")
            #expect(breach.message.contains("\(pool) cores"), "\(breach.message)")
            #expect(breach.message.contains(named), "\(breach.message)")
            #expect(policy.usage.ready == 2, "the operation is back where it was popped from")
        }
    }

    @Test func `after a wrong answer the next right one is the same operation`() throws {
        let policy = try answering("P.failed = not P.failed return op, P.failed and -1 or 4")
        guard case .breach = policy.decide(idle, now: 0) else {
            Issue.record("-1 was taken")
            return
        }
        let decision = policy.decide(idle, now: 0)
        #expect(decision == .dispatch(operation(0).id, line: 5, cores: CoreLimit(cube: 4)))
    }

    @Test(arguments: ["7", "true", "{}", "waiting", "print"])
    func `a note is a string`(value: String) throws {
        let policy = try answering("return op, 0, 0, \(value)")
        guard case .breach(let breach) = policy.decide(idle, now: 0) else {
            Issue.record("\(value) was taken")
            return
        }
        #expect(breach.message.contains("as its note, which is no string"), "\(breach.message)")
        #expect(policy.usage.ready == 2)
    }

    @Test func `a note is given back by its number, the same one for the same text`() throws {
        let policy = try policy(
            """
            local waiting, count = queue.fifo(), 0
            function P.ready(op) waiting:push(op) end
            function P.dispatch(device, now)
              count = count + 1
              local op = waiting:pop()
              if count == 4 then return op, 0, 0, "" end
              return op, 1, 2, count % 2 == 0 and "even" or "odd"
            end
            """)
        #expect(policy.give((0..<5).map { operation($0) }).isEmpty)
        let notes = (0..<5).compactMap { _ in terms(policy.decide(idle, now: 0))?.note }
        #expect(notes == [1, 2, 1, 0, 1])
        #expect(policy.note(1) == "odd" && policy.note(2) == "even")
        #expect(policy.note(0) == nil && policy.note(3) == nil && policy.note(.max) == nil)
    }

    @Test(arguments: [
        ("string.rep('x', 63)", String(repeating: "x", count: 63)),
        ("string.rep('x', 64)", String(repeating: "x", count: 63)),
        ("string.rep('x', 4000)", String(repeating: "x", count: 63)),
        // A character that crosses the limit stays out whole: here after 62, 61 and 60 bytes.
        ("string.rep('ä', 40)", String(repeating: "ä", count: 31)),
        ("'x' .. string.rep('€', 40)", "x" + String(repeating: "€", count: 20)),
        ("'xyz' .. string.rep('😀', 20)", "xyz" + String(repeating: "😀", count: 15)),
        ("string.char(27) .. '[2J'", "\u{fffd}[2J"),
        ("string.char(0xc2, 0x9b) .. 'J'", "\u{fffd}J"),
        ("string.char(0xff) .. 'x'", "\u{fffd}x"),
    ])
    func `a note is cut and made text`(value: String, expected: String) throws {
        let policy = try answering("return op, 0, 0, \(value)")
        let note = try #require(terms(policy.decide(idle, now: 0))?.note)
        #expect(policy.note(note) == expected)
    }

    @Test func `a note of bytes that are no text is cut too`() throws {
        let policy = try answering("return op, 0, 0, string.rep(string.char(0x80), 4000)")
        let note = try #require(terms(policy.decide(idle, now: 0))?.note)
        let text = try #require(policy.note(note))
        #expect(text.unicodeScalars.count == 60 && text.allSatisfy { $0 == "\u{fffd}" })
    }

    @Test func `a note with a NUL cannot be made`() throws {
        let policy = try answering("return op, 0, 0, 'a' .. string.char(0)")
        guard case .breach(let breach) = policy.decide(idle, now: 0) else {
            Issue.record("a string held a NUL")
            return
        }
        #expect(breach.kind == .error)
        #expect(policy.usage.ready == 2)
    }

    @Test func `a note of megabytes is the memory breach that its string is`() throws {
        let policy = try answering(
            "local s = 'x' while #s < 1 << 21 do s = s .. s end return op, 0, 0, s")
        guard case .breach(let breach) = policy.decide(idle, now: 0) else {
            Issue.record("a string of 2 MiB was made")
            return
        }
        #expect(breach.kind == .memory)
    }

    @Test func `a policy has 1024 different notes, and says once that it had more`() throws {
        let policy = try policy(
            """
            local waiting, count = queue.fifo(), 0
            function P.ready(op) waiting:push(op) end
            function P.dispatch(device, now)
              count = count + 1
              return waiting:pop(), 0, 0, "note " .. (count <= 1100 and count or 5)
            end
            """)
        #expect(policy.give((0..<1101).map { operation($0) }).isEmpty)
        let notes = (0..<1101).compactMap { _ in terms(policy.decide(idle, now: 0))?.note }
        #expect(notes.prefix(1024).elementsEqual((1...1024).map { UInt32($0) }))
        #expect(notes[1024..<1100].allSatisfy { $0 == 0 })
        #expect(notes[1100] == 5, "what is known is still found")
        #expect(policy.note(1024) == "note 1024")
        #expect(policy.takeLog().count == 1)
    }

    @Test func `many values, and none, are answers too`() throws {
        let many = try answering("return op, 3, 4, 'five', 5, {}, print")
        let decision = many.decide(idle, now: 0)
        #expect(
            decision
                == .dispatch(operation(0).id, line: 5, cores: .init(cube: 3, vector: 4), note: 1))
        let unpacked = try answering("return op, select(2, table.unpack({}, 1, 200))")
        #expect(terms(unpacked.decide(idle, now: 0))?.cores == CoreLimit.none)
        let nothing = try answering("")
        #expect(nothing.decide(idle, now: 0) == .hold(wakeAt: nil))
        let wrong = try answering("return nil, nil, -1, 5")
        #expect(wrong.decide(idle, now: 0) == .hold(wakeAt: nil), "a hold has no cores")
    }

    @Test func `an operation has a kind and the cores it can use`() throws {
        let asking = try policy(
            """
            function P.ready(op)
              log(kind(op) == KERNEL, kind(op) == COPY, kind(op) == FILL, kind(op) == STEP,
                cores(op))
            end
            function P.dispatch(device, now) end
            """)
        for (number, kind) in [WorkKind.kernel, .copy, .fill, .step].enumerated() {
            var facts = operation(UInt32(number))
            facts.kind = kind
            facts.cores = CoreLimit(cube: UInt16(number), vector: .max)
            #expect(asking.ready(facts, now: 0) == nil)
        }
        #expect(
            asking.takeLog().map { $0.replacing("\t", with: " ") } == [
                "true false false false 0 65535", "false true false false 1 65535",
                "false false true false 2 65535", "false false false true 3 65535",
            ])
    }

    @Test func `classify is asked again where kind or cores differ`() throws {
        let classifying = try policy(
            fifoHooks + "function P.classify(op) return kind(op) == COPY and MIXED or DECODE end")
        var copy = operation(1)
        copy.kind = .copy
        #expect(classifying.give([operation(0), copy]).isEmpty)
        #expect(classifying.phase(of: operation(0).id) == .decode)
        #expect(classifying.phase(of: copy.id) == .mixed)
    }
}
