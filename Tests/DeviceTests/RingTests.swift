import Device
import LinuxIO
import Testing
import Wire

/// The ring between loop and device thread, and what travels in it.
@Suite struct RingTests {
    @Test(arguments: [1, 2, 3] as [UInt64])
    func `frames of any length come out as they went in`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let ring = WordRing(capacity: 256)
        var writer = WordRingWriter(ring)
        var reader = WordRingReader(ring)
        var expected: [[UInt64]] = []
        var written: UInt64 = 0
        for _ in 0..<10_000 {
            let rest = (0..<Int.random(in: 0...100, using: &random)).map { _ in random.next() }
            var frame = WordFrame(kind: 9, restCount: rest.count, fieldCount: 1)
            frame[0] = written
            if rest.withUnsafeBufferPointer({ writer.write(frame, $0) }) {
                expected.append([written] + rest)
                written += 1
            }
            guard Bool.random(using: &random), let words = reader.nextFrame() else { continue }
            #expect(WordFrame.kind(of: words[0]) == 9)
            #expect(Array(words.dropFirst()) == expected.removeFirst())
            reader.finishFrame()
        }
        #expect(written > 1000)
    }

    @Test func `a full ring refuses, and takes again when it was read`() {
        let ring = WordRing(capacity: 64)
        var writer = WordRingWriter(ring)
        var reader = WordRingReader(ring)
        let none = UnsafeBufferPointer<UInt64>(start: nil, count: 0)
        let frame = WordFrame(kind: 1, restCount: 0, fieldCount: 7)
        let written = (0..<9).map { _ in writer.write(frame, none) }
        #expect(written == Array(repeating: true, count: 8) + [false])
        #expect(!writer.isDrained)
        while reader.nextFrame() != nil { reader.finishFrame() }
        #expect(writer.isDrained)
        let isWritten = writer.write(frame, none)
        #expect(isWritten)
    }

    @Test func `a reader that sleeps is woken, whenever the writer comes`() throws {
        let (ring, back) = (WordRing(capacity: 1 << 12), WordRing(capacity: 1 << 12))
        let count: UInt64 = 20_000
        try startThread("echo") {
            var reader = WordRingReader(ring)
            var writer = WordRingWriter(back)
            let none = UnsafeBufferPointer<UInt64>(start: nil, count: 0)
            var next: UInt64 = 0
            while next < count {
                guard let words = reader.nextFrame() else {
                    ring.sleepAsReader(timeoutNanoseconds: -1) { reader.hasMore }
                    continue
                }
                var answer = WordFrame(kind: 2, restCount: 0, fieldCount: 1)
                answer[0] = words[1]
                while !writer.write(answer, none) { pauseProcessor() }
                back.wakeReader()
                reader.finishFrame()
                next += 1
            }
        }
        var writer = WordRingWriter(ring)
        var reader = WordRingReader(back)
        let none = UnsafeBufferPointer<UInt64>(start: nil, count: 0)
        for value in 0..<count {
            var frame = WordFrame(kind: 1, restCount: 0, fieldCount: 1)
            frame[0] = value
            let isWritten = writer.write(frame, none)
            #expect(isWritten)
            ring.wakeReader()
            while true {
                if let words = reader.nextFrame() {
                    #expect(words[1] == value)
                    reader.finishFrame()
                    break
                }
                back.sleepAsReader(timeoutNanoseconds: -1) { reader.hasMore }
            }
        }
    }

    @Test func `every command comes out as it went in`() {
        let commands: [DeviceCommand] = [
            .launch(
                LaunchCommand(
                    ticket: .max, stream: 7, plan: 9, predictedNanoseconds: -1, cubeCores: 24,
                    vectorCores: 48, options: 0b101)),
            .copy(
                CopyCommand(
                    ticket: 1, stream: 2, destination: .max, source: 4, bytes: 5,
                    kind: .deviceToHost, predictedNanoseconds: 6)),
            .fill(
                FillCommand(
                    ticket: 1, stream: 65_535, address: 3, bytes: .max, value: -7,
                    predictedNanoseconds: .max)),
            .record(stream: 1, mark: 2), .wait(stream: .max, mark: .max), .forgetMark(3),
            .abort(stream: 4), .limit(stream: 5, cube: .max, vector: 6),
        ]
        let ring = WordRing(capacity: 256)
        var writer = WordRingWriter(ring)
        var reader = WordRingReader(ring)
        let rest: [UInt64] = [11, 12]
        for command in commands {
            let frame = CommandCoding.frame(command, restCount: rest.count)
            let isWritten = rest.withUnsafeBufferPointer { writer.write(frame, $0) }
            let words = reader.nextFrame()
            #expect(isWritten)
            #expect(words.flatMap(CommandCoding.command) == command)
            #expect(words.map { Array(WordFrame.rest(of: $0)) } == rest)
            reader.finishFrame()
        }
        let unknown: [UInt64] = [200 | 1 << 8 | 1 << 32]
        #expect(unknown.withUnsafeBufferPointer { CommandCoding.command($0) } == nil)
    }

    @Test func `every completion comes out as it went in`() {
        let error = DeviceError(code: -5, message: "äußerst schlecht: 507015")
        let ring = WordRing(capacity: 512)
        var writer = WordRingWriter(ring)
        var reader = WordRingReader(ring)
        func echo(_ framed: (WordFrame, [UInt64])) -> DeviceCompletion? {
            guard framed.1.withUnsafeBufferPointer({ writer.write(framed.0, $0) }) else {
                return nil
            }
            defer { reader.finishFrame() }
            return reader.nextFrame().flatMap(CompletionCoding.completion)
        }
        #expect(
            echo((CompletionCoding.operation(ticket: 1, startedAt: -2, finishedAt: 3), []))
                == .operation(ticket: 1, startedAt: -2, finishedAt: 3))
        #expect(
            echo((CompletionCoding.markReached(4, at: 5), [])) == .markReached(mark: 4, at: 5))
        #expect(
            echo(CompletionCoding.failed(ticket: 6, error, startedAt: 7, finishedAt: 8))
                == .failed(ticket: 6, error: error, startedAt: 7, finishedAt: 8))
        #expect(
            echo(CompletionCoding.markFailed(9, error)) == .markFailed(mark: 9, error: error))
    }
}

/// The arithmetic of a batch's times, and of when to look.
@Suite struct BatchTimesTests {
    @Test func `a batch's time is divided by predicted shares`() {
        var times = BatchTimes(begin: 1000, end: 2000, predictedTotal: 100)
        let first = times.next(submittedAt: 0, predicted: 25, isLast: false)
        let second = times.next(submittedAt: 0, predicted: 75, isLast: true)
        #expect(first == (1000, 1250))
        #expect(second == (1250, 2000))
    }

    @Test func `an end that is known is not predicted`() {
        var times = BatchTimes(begin: 100, end: 1000, predictedTotal: 900)
        #expect(
            times.next(submittedAt: 100, predicted: 1, doneAt: 600, isLast: false) == (100, 600))
        #expect(
            times.next(submittedAt: 650, predicted: 899, doneAt: 700, isLast: false) == (650, 700))
        #expect(
            times.next(submittedAt: 800, predicted: 1, doneAt: 2000, isLast: true) == (800, 1000))
    }

    @Test func `nothing starts before it was submitted, or ends after the batch`() {
        var times = BatchTimes(begin: 1000, end: 2000, predictedTotal: 2)
        let first = times.next(submittedAt: 900, predicted: 1, isLast: false)
        let second = times.next(submittedAt: 1800, predicted: 1, isLast: true)
        #expect(first == (1000, 1500))
        #expect(second == (1800, 2000))
        var late = BatchTimes(begin: 1000, end: 1500, predictedTotal: 1)
        let only = late.next(submittedAt: 9000, predicted: 1, isLast: true)
        #expect(only == (1500, 1500))
        var backwards = BatchTimes(begin: 1000, end: 10, predictedTotal: 1)
        let point = backwards.next(submittedAt: 0, predicted: 1, isLast: true)
        #expect(point == (1000, 1000))
    }

    @Test func `looks come closer to a predicted end, and further apart behind it`() {
        #expect(LookSchedule.nextLook(now: 0, predictedEnd: 100_000_000) == 1_000_000)
        #expect(LookSchedule.nextLook(now: 0, predictedEnd: 200_000) == 100_000)
        #expect(LookSchedule.nextLook(now: 0, predictedEnd: 1000) == 10_000)
        #expect(LookSchedule.nextLook(now: 1_000_000, predictedEnd: 0) == 1_125_000)
        #expect(LookSchedule.nextLook(now: 100_000_000, predictedEnd: 0) == 101_000_000)
    }
}
