package import Wire

// Commands and completions as frames of words: what two processes would have to agree on. Reader
// and writer of each kind stand side by side.

/// Commands as frames.
package enum CommandCoding {
    private enum Kind: UInt8 {
        case launch = 1
        case copy, fill, record, wait, forgetMark, abort, limit, letGo
    }

    package static func frame(_ command: DeviceCommand, restCount: Int) -> WordFrame {
        switch command {
        case .launch(let launch):
            var frame = WordFrame(kind: Kind.launch.rawValue, restCount: restCount, fieldCount: 4)
            frame[0] = launch.ticket
            frame[1] = pair(launch.stream, launch.plan)
            frame[2] = UInt64(bitPattern: launch.predictedNanoseconds)
            frame[3] = pair(
                UInt32(launch.cubeCores),
                UInt32(launch.options) << 16 | UInt32(launch.vectorCores))
            return frame
        case .copy(let copy):
            var frame = WordFrame(kind: Kind.copy.rawValue, restCount: restCount, fieldCount: 6)
            frame[0] = copy.ticket
            frame[1] = pair(copy.stream, UInt32(bitPattern: copy.kind.rawValue))
            frame[2] = copy.destination
            frame[3] = copy.source
            frame[4] = copy.bytes
            frame[5] = UInt64(bitPattern: copy.predictedNanoseconds)
            return frame
        case .fill(let fill):
            var frame = WordFrame(kind: Kind.fill.rawValue, restCount: restCount, fieldCount: 5)
            frame[0] = fill.ticket
            frame[1] = pair(fill.stream, UInt32(bitPattern: fill.value))
            frame[2] = fill.address
            frame[3] = fill.bytes
            frame[4] = UInt64(bitPattern: fill.predictedNanoseconds)
            return frame
        case .record(let stream, let mark): return small(.record, restCount, pair(stream, mark))
        case .wait(let stream, let mark): return small(.wait, restCount, pair(stream, mark))
        case .forgetMark(let mark): return small(.forgetMark, restCount, UInt64(mark))
        case .abort(let stream): return small(.abort, restCount, UInt64(stream))
        case .limit(let stream, let cube, let vector):
            return small(
                .limit, restCount, UInt64(stream) | UInt64(cube) << 32 | UInt64(vector) << 48)
        }
    }

    /// Tells the device's thread that no command for the stream follows.
    package static func letGo(of stream: UInt32) -> WordFrame {
        small(.letGo, 0, UInt64(stream))
    }

    /// The stream that a frame of `letGo` names; nil for any other.
    package static func streamToLetGo(_ words: UnsafeBufferPointer<UInt64>) -> UInt32? {
        guard unsafe WordFrame.kind(of: words[0]) == Kind.letGo.rawValue, words.count == 2 else {
            return nil
        }
        return unsafe halves(words[1]).low
    }

    /// The command of a frame; nil where its kind is unknown or its fixed part is too short.
    package static func command(_ words: UnsafeBufferPointer<UInt64>) -> DeviceCommand? {
        let fixed = unsafe WordFrame.fixedCount(of: words[0])
        guard let kind = unsafe Kind(rawValue: WordFrame.kind(of: words[0])), fixed <= words.count,
            fixed == fieldCount(kind) + 1
        else { return nil }
        let (first, second) = unsafe halves(words[fixed > 2 ? 2 : 1])
        switch kind {
        case .launch:
            let (cube, vector) = unsafe halves(words[4])
            return unsafe .launch(
                LaunchCommand(
                    ticket: words[1], stream: first, plan: second,
                    predictedNanoseconds: Int64(bitPattern: words[3]),
                    cubeCores: UInt16(truncatingIfNeeded: cube),
                    vectorCores: UInt16(truncatingIfNeeded: vector),
                    options: UInt8(truncatingIfNeeded: vector >> 16)))
        case .copy:
            guard let way = CopyKind(rawValue: Int32(bitPattern: second)) else { return nil }
            return unsafe .copy(
                CopyCommand(
                    ticket: words[1], stream: first, destination: words[3], source: words[4],
                    bytes: words[5], kind: way,
                    predictedNanoseconds: Int64(bitPattern: words[6])))
        case .fill:
            return unsafe .fill(
                FillCommand(
                    ticket: words[1], stream: first, address: words[3], bytes: words[4],
                    value: Int32(bitPattern: second),
                    predictedNanoseconds: Int64(bitPattern: words[5])))
        case .record: return .record(stream: first, mark: second)
        case .wait: return .wait(stream: first, mark: second)
        case .forgetMark: return .forgetMark(first)
        case .abort: return .abort(stream: first)
        case .limit:
            return .limit(
                stream: first, cube: UInt16(truncatingIfNeeded: second),
                vector: UInt16(truncatingIfNeeded: second >> 16))
        case .letGo: return nil
        }
    }

    private static func fieldCount(_ kind: Kind) -> Int {
        switch kind {
        case .launch: 4
        case .copy: 6
        case .fill: 5
        case .record, .wait, .forgetMark, .abort, .limit, .letGo: 1
        }
    }

    private static func small(_ kind: Kind, _ restCount: Int, _ word: UInt64) -> WordFrame {
        var frame = WordFrame(kind: kind.rawValue, restCount: restCount, fieldCount: 1)
        frame[0] = word
        return frame
    }
}

/// Completions as frames; answers travel otherwise.
package enum CompletionCoding {
    private enum Kind: UInt8 {
        case operation = 1
        case failed, markReached, markFailed
    }

    package static func operation(ticket: UInt64, startedAt: Nanoseconds, finishedAt: Nanoseconds)
        -> WordFrame
    {
        var frame = WordFrame(kind: Kind.operation.rawValue, restCount: 0, fieldCount: 3)
        frame[0] = ticket
        frame[1] = UInt64(bitPattern: startedAt)
        frame[2] = UInt64(bitPattern: finishedAt)
        return frame
    }

    package static func markReached(_ mark: UInt32, at time: Nanoseconds) -> WordFrame {
        var frame = WordFrame(kind: Kind.markReached.rawValue, restCount: 0, fieldCount: 2)
        frame[0] = UInt64(mark)
        frame[1] = UInt64(bitPattern: time)
        return frame
    }

    /// A failure, and the words of its message that follow it.
    package static func failed(
        ticket: UInt64, _ error: DeviceError, startedAt: Nanoseconds, finishedAt: Nanoseconds
    ) -> (WordFrame, [UInt64]) {
        let message = packed(error.message)
        var frame = WordFrame(
            kind: Kind.failed.rawValue, restCount: message.words.count, fieldCount: 4)
        frame[0] = ticket
        frame[1] = UInt64(bitPattern: startedAt)
        frame[2] = UInt64(bitPattern: finishedAt)
        frame[3] = pair(UInt32(bitPattern: error.code), UInt32(message.byteCount))
        return (frame, message.words)
    }

    /// A mark that will not be reached, and the words of its message that follow it.
    package static func markFailed(_ mark: UInt32, _ error: DeviceError) -> (WordFrame, [UInt64]) {
        let message = packed(error.message)
        var frame = WordFrame(
            kind: Kind.markFailed.rawValue, restCount: message.words.count, fieldCount: 2)
        frame[0] = UInt64(mark)
        frame[1] = pair(UInt32(bitPattern: error.code), UInt32(message.byteCount))
        return (frame, message.words)
    }

    /// The completion of a frame; nil where its kind is unknown.
    package static func completion(_ words: UnsafeBufferPointer<UInt64>) -> DeviceCompletion? {
        switch unsafe Kind(rawValue: WordFrame.kind(of: words[0])) {
        case .operation:
            return unsafe .operation(
                ticket: words[1], startedAt: Int64(bitPattern: words[2]),
                finishedAt: Int64(bitPattern: words[3]))
        case .failed:
            return unsafe .failed(
                ticket: words[1], error: error(words[4], WordFrame.rest(of: words)),
                startedAt: Int64(bitPattern: words[2]), finishedAt: Int64(bitPattern: words[3]))
        case .markReached:
            return unsafe .markReached(
                mark: UInt32(truncatingIfNeeded: words[1]), at: Int64(bitPattern: words[2]))
        case .markFailed:
            return unsafe .markFailed(
                mark: UInt32(truncatingIfNeeded: words[1]),
                error: error(words[2], WordFrame.rest(of: words)))
        case nil: return nil
        }
    }

    /// Bytes of an error's message that travel; the rest is cut off.
    private static let messageBytesMax = 1024

    private static func packed(_ message: String) -> (words: [UInt64], byteCount: Int) {
        let bytes = message.utf8.prefix(messageBytesMax)
        var words = [UInt64](repeating: 0, count: (bytes.count + 7) / 8)
        for (index, byte) in bytes.enumerated() {
            words[index / 8] |= UInt64(byte) << (UInt64(index % 8) * 8)
        }
        return (words, bytes.count)
    }

    private static func error(_ word: UInt64, _ message: UnsafeBufferPointer<UInt64>)
        -> DeviceError
    {
        let (code, count) = halves(word)
        let bytes = (0..<min(Int(count), message.count * 8)).map { index in
            unsafe UInt8(truncatingIfNeeded: message[index / 8] >> (UInt64(index % 8) * 8))
        }
        return DeviceError(
            code: Int32(bitPattern: code), message: String(decoding: bytes, as: UTF8.self))
    }
}

private func pair(_ low: UInt32, _ high: UInt32) -> UInt64 { UInt64(low) | UInt64(high) << 32 }

private func halves(_ word: UInt64) -> (low: UInt32, high: UInt32) {
    (UInt32(truncatingIfNeeded: word), UInt32(truncatingIfNeeded: word >> 32))
}
