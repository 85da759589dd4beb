import AscendCL
import Wire

/// How records are read that lie as in a ring (`RecordLayout`).
extension StreamReader {
    /// Reads the record at `position` into `call`.
    mutating func nextRecord() -> StreamStep {
        let start = position
        guard limit - start >= RecordLayout.headWords * 8 else {
            return fail(at: start, "a record reaches past its packet")
        }
        let head = RecordHead(word(start), word(start + 40))
        let identifier = Int(head.identifier)
        guard identifier < records.count, let form = records[identifier].form else {
            return fail(at: start, "a record of no declared class")
        }
        let payload =
            form == .kernel ? 1 + head.operands : head.words + head.operands + (head.bytes + 7) / 8
        let size = (RecordLayout.headWords + payload) * 8
        guard size == head.sizeWords * 8, size <= limit - start else {
            return fail(at: start, "a record's size is not that of its parts")
        }
        readHead(at: start, records[identifier].function)
        position = start + size
        let body = start + RecordLayout.headWords * 8
        switch form {
        case .bare: break
        case .kernel:
            call.signature = UInt32(truncatingIfNeeded: word(body))
            for index in 0..<head.operands { call.values.append(word(body + 8 + index * 8)) }
        case .typed, .plain:
            for index in 0..<head.words { call.words.append(word(body + index * 8)) }
            if head.bytes > 0 {
                let first = body + (head.words + head.operands) * 8
                call.bytes.append(contentsOf: bytes[first..<first + head.bytes])
            }
            if form == .typed { closeEmptySpans() }
        }
        return .call
    }

    private mutating func readHead(at start: Int, _ function: FunctionID) {
        clock = word(start + 8)
        call.time = time
        call.durationNanoseconds = Int64(bitPattern: word(start + 16))
        call.stream = word(start + 24)
        let numbers = word(start + 32)
        call.sequence = UInt32(truncatingIfNeeded: numbers)
        call.result = Int32(truncatingIfNeeded: numbers >> 32)
        call.flags = UInt8(truncatingIfNeeded: word(start) >> 24)
        call.thread = packets.segment
        call.function = function
        call.signature = 0
        if !call.words.isEmpty { call.words.removeAll(keepingCapacity: true) }
        if !call.bytes.isEmpty { call.bytes.removeAll(keepingCapacity: true) }
        if !call.values.isEmpty { call.values.removeAll(keepingCapacity: true) }
    }

    /// An argument without bytes is the word 0, wherever it would begin.
    private mutating func closeEmptySpans() {
        var rest = spanMask(of: call.function)
        while rest != 0 {
            let index = rest.trailingZeroBitCount
            rest &= rest - 1
            if index < call.words.count, call.words[index] & 0xffff_ffff == 0 {
                call.words[index] = 0
            }
        }
    }

    private mutating func spanMask(of function: FunctionID) -> UInt64 {
        let index = Int(function.rawValue)
        while spans.count <= index { spans.append(nil) }
        if let known = spans[index] { return known }
        var mask: UInt64 = 0
        for (place, parameter) in (names.table[function]?.parameters ?? []).prefix(64).enumerated()
        where RecordClasses.isSpan(parameter.kind) {
            mask |= 1 << UInt64(place)
        }
        spans[index] = mask
        return mask
    }

    /// The eight bytes from `start`, which must be there.
    // Eight checked bytes put together would cost most of a record's reading. `start` is within the
    // packet: `nextRecord` looks at the limit first.
    @inline(__always)
    private func word(_ start: Int) -> UInt64 {
        unsafe bytes.withUnsafeBytes {
            unsafe UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: start, as: UInt64.self))
        }
    }
}
