package import Wire

/// A routed call whose record is handed in with what became known of it.
package struct RecordedCall: Sendable, Equatable {
    package var client: ClientID
    package var thread: UInt32
    /// When it returned, or was taken from the ring.
    package var time: Nanoseconds
    package var durationNanoseconds: Nanoseconds
    package var result: Int32
    package init(
        client: ClientID, thread: UInt32, time: Nanoseconds, durationNanoseconds: Nanoseconds,
        result: Int32
    ) {
        self.client = client
        self.thread = thread
        self.time = time
        self.durationNanoseconds = durationNanoseconds
        self.result = result
    }
}

/// Records go to disk as they lie in the ring: a file a thread, a piece of the ring a packet.
extension TraceWriter {
    /// Writes a piece of a ring as a packet.
    package func append(_ piece: inout RecordPiece) throws(TraceError) {
        try check()
        let stream = try recordStream(piece.client, piece.thread)
        let begin = try settle(&piece, of: stream)
        guard piece.count > RecordLayout.prefixWords else { return }
        counters.events += UInt64(piece.records)
        stream.putPrefix(&piece.words, count: piece.count, begin: begin, uuid: uuid)
        try write(piece.words[..<piece.count], of: stream)
    }

    /// Makes the records of a piece events of declared classes, in the order of time. Returns the
    /// time of the first.
    private func settle(
        _ piece: inout RecordPiece, of stream: RecordStreamWriter
    ) throws(TraceError) -> UInt64 {
        var position = RecordLayout.prefixWords
        var clock = stream.clock
        var begin: UInt64?
        while position + RecordLayout.headWords <= piece.count {
            let head = RecordHead(piece.words[position], piece.words[position + 5])
            guard head.isWhole, head.sizeWords <= piece.count - position else { break }
            let identifier = recordClasses.identifier(of: head)
            if identifier != head.identifier {
                piece.words[position] = Self.classified(piece.words[position], as: identifier)
            }
            clock = max(clock, piece.words[position + 1])
            piece.words[position + 1] = clock
            begin = begin ?? clock
            position += head.sizeWords
        }
        guard position == piece.count else {
            throw TraceError(
                .damaged, file: TraceFormat.threadName(piece.client.rawValue, piece.thread),
                "a piece of a ring does not consist of whole records")
        }
        stream.clock = clock
        return begin ?? clock
    }

    private static func classified(_ first: UInt64, as identifier: UInt16) -> UInt64 {
        first & ~0xffff | UInt64(identifier)
    }

    /// Adds a routed call's record; what the daemon worked from is left out, a kernel's signature
    /// and values are kept. Its operands are [plan's slot, limits, values…]; a signature counts from
    /// 1, a slot from 0.
    package func append(
        _ call: RecordedCall, record: ArraySlice<UInt64>, isKernel: Bool
    ) throws(TraceError) {
        try check()
        let start = record.startIndex
        guard record.count >= RecordLayout.headWords else { return }
        let head = RecordHead(record[start], record[start + 5])
        guard head.isWhole, head.sizeWords == record.count else { return }
        let stream = try recordStream(call.client, call.thread)
        if stream.isEmpty { begin(stream) }
        counters.events += 1
        stream.clock = max(stream.clock, UInt64(max(0, call.time)))
        let payload = record[(start + RecordLayout.headWords)...]
        if isKernel, head.words == 0, head.operands >= 2, let slot = payload.first {
            gather(
                call, record, head, as: recordClasses.kernel(FunctionID(rawValue: head.function)),
                operands: head.operands - 2, bytes: 0, of: stream)
            stream.gathered.append(slot &+ 1)
            stream.gathered += payload.prefix(head.operands).dropFirst(2)
        } else {
            var seen = head
            seen.operands = 0
            seen.bytes = head.words == 0 ? 0 : head.bytes
            gather(
                call, record, seen, as: recordClasses.identifier(of: seen), operands: 0,
                bytes: seen.bytes, of: stream)
            stream.gathered += payload.prefix(head.words)
            stream.gathered += payload.dropFirst(head.words + head.operands)
                .prefix((seen.bytes + 7) / 8)
        }
        if stream.isFull { try closePacket(of: stream) }
    }

    private func begin(_ stream: RecordStreamWriter) {
        gathering.append(stream)
        stream.gathered.append(contentsOf: repeatElement(0, count: RecordLayout.prefixWords))
    }

    private func gather(
        _ call: RecordedCall, _ record: ArraySlice<UInt64>, _ head: RecordHead,
        as identifier: UInt16, operands: Int, bytes: Int, of stream: RecordStreamWriter
    ) {
        let start = record.startIndex
        let isKernel = identifier >> RecordLayout.formShift == RecordForm.kernel.rawValue
        let payload = isKernel ? operands + 1 : head.words + operands + (bytes + 7) / 8
        let size = (RecordLayout.headWords + payload) * 8
        stream.gathered.append(
            record[start] & 0xffff_0000 | UInt64(identifier) | UInt64(size) << 32)
        stream.gathered.append(stream.clock)
        stream.gathered.append(UInt64(bitPattern: call.durationNanoseconds))
        stream.gathered.append(record[start + 3])
        let result = UInt64(UInt32(bitPattern: call.result)) << 32
        stream.gathered.append(record[start + 4] & 0xffff_ffff | result)
        stream.gathered.append(
            UInt64(bytes) | UInt64(operands) << 32 | UInt64(head.words) << 48)
    }

    private func closePacket(of stream: RecordStreamWriter) throws(TraceError) {
        guard stream.gathered.count > RecordLayout.prefixWords else { return }
        let begin = stream.gathered[RecordLayout.prefixWords + 1]
        stream.putPrefix(
            &stream.gathered, count: stream.gathered.count, begin: begin, uuid: uuid)
        try write(stream.gathered[...], of: stream)
        stream.gathered.removeAll(keepingCapacity: true)
        gathering.removeAll { $0 === stream }
    }

    /// Writes out the calls that were gathered, so that a reader sees them.
    package func flushRecords() throws(TraceError) {
        for stream in gathering {
            try closePacket(of: stream)
            // Threads come and go; their buffers do not stay.
            stream.gathered = []
        }
    }

    private func write(
        _ words: ArraySlice<UInt64>, of stream: RecordStreamWriter
    ) throws(TraceError) {
        try writePendingClasses()
        counters.packets += 1
        counters.bytes += UInt64(words.count) * 8
        try guarded { () throws(TraceError) in try sink.append(words: words, to: stream.file) }
    }

    private func recordStream(
        _ client: ClientID, _ thread: UInt32
    ) throws(TraceError) -> RecordStreamWriter {
        let key = UInt64(client.rawValue) << 32 | UInt64(thread)
        if let last = lastRecordStream, last.key == key { return last.stream }
        if let known = recordStreams[key] {
            lastRecordStream = (key, known)
            return known
        }
        var file = 0
        let name = TraceFormat.threadName(client.rawValue, thread)
        try guarded { () throws(TraceError) in file = try sink.open(name) }
        let made = RecordStreamWriter(file: file, client: client, thread: thread)
        recordStreams[key] = made
        lastRecordStream = (key, made)
        return made
    }
}
