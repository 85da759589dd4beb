package import Wire

/// What `StreamReader.next` came to.
package enum StreamStep: Sendable {
    case end
    /// `call` has it.
    case call
    /// `operation` has it.
    case operation
    /// `event` has it.
    case other
}

/// Reads one file of a trace, event by event, into fields that are used again and again: at
/// millions of calls a second an array for each is too much.
package struct StreamReader {
    package internal(set) var call = CallView()
    package internal(set) var operation = OperationEvent(
        time: 0, client: ClientID(rawValue: 0), stream: 0, device: DeviceID(rawValue: 0),
        function: FunctionID(rawValue: 0), sequence: 0, phase: .other, phaseSource: .none,
        queuedAt: 0, readyAt: 0, dispatchedAt: 0, startedAt: 0, finishedAt: 0, policyLoad: 0,
        policyLine: 0, result: 0)
    /// The last event that is neither call nor operation.
    package internal(set) var event: TraceEvent?
    /// Why reading stopped before the end of the file, if it did.
    package private(set) var damage: TraceError? { didSet { isStopped = true } }
    /// Skips what is not asked for.
    package var wantsOperations = true

    package var name: String { packets.name }
    var functionNames: FunctionNames { names }
    package var client: ClientID { ClientID(rawValue: packets.client) }
    /// The time of the last event.
    package var time: Nanoseconds { Nanoseconds(truncatingIfNeeded: clock) }

    private let classes: [[EventClass?]]
    let records: [RecordClass]
    let fields: [CallField]
    var names: FunctionNames
    var packets: PacketReader
    var bytes: [UInt8] = []
    var position = 0
    var limit = 0
    var clock: UInt64 = 0
    /// A field reached past the packet's content.
    var isOverrun = false
    var isStopped = false
    /// The packet holds records as they lay in a ring.
    private var isRecords = false
    /// Which of a function's words say where in the bytes their argument lies, a bit each; nil:
    /// not looked up yet.
    var spans: [UInt64?] = []

    var threads = [UInt32](repeating: 0, count: 256)
    var callSequences = [UInt32](repeating: 0, count: 256)
    var streams = [UInt64](repeating: 0, count: 256)
    var operationSequences = [UInt64](repeating: 0, count: 256)
    var addressHigh: UInt64 = 0
    var signatures: [UInt32: SignatureEvent] = [:]
    /// What the values of a launch are, by signature.
    var forms: [UInt32: SignatureForm] = [:]

    init(source: any TraceSource, name: String, metadata: TraceMetadata) throws(TraceError) {
        classes = metadata.classes
        records = metadata.records
        fields = metadata.fields
        names = metadata.names
        packets = try PacketReader(source: source, name: name)
    }

    /// Reads the next event.
    package mutating func next() -> StreamStep {
        while !isStopped {
            guard position < limit || nextPacket() else { return .end }
            if isRecords { return nextRecord() }
            let start = position
            guard let found = header() else {
                return fail(at: start, "an event of no declared class")
            }
            let step = read(found)
            guard !isOverrun else {
                return fail(at: start, "an event reaches past its packet")
            }
            if let step { return step }
        }
        return .end
    }

    private mutating func nextPacket() -> Bool {
        do {
            repeat {
                guard try packets.next() else { return false }
            } while packets.limit <= TraceFormat.packetPrefixBytes
        } catch {
            damage = error
            return false
        }
        bytes = packets.bytes
        position = TraceFormat.packetPrefixBytes
        limit = packets.limit
        clock = packets.begin
        isRecords = packets.stream == Int(TraceFormat.recordStream)
        return true
    }

    mutating func fail(at offset: Int, _ message: String) -> StreamStep {
        damage = TraceError(
            .damaged, file: name, offset: packets.packetOffset + offset, message,
            remedy: "everything before it can be read")
        return .end
    }

    // MARK: Fields

    @inline(__always)
    mutating func take(_ width: Int) -> UInt64 {
        guard width <= limit - position else {
            isOverrun = true
            position = limit
            return 0
        }
        let start = position
        position += width
        switch width {
        case 1: return UInt64(bytes[start])
        case 2: return UInt64(bytes[start]) | UInt64(bytes[start + 1]) << 8
        case 4: return four(start)
        case 6: return four(start) | UInt64(bytes[start + 4]) << 32 | UInt64(bytes[start + 5]) << 40
        default: return four(start) | four(start + 4) << 32
        }
    }

    @inline(__always)
    private func four(_ start: Int) -> UInt64 {
        UInt64(bytes[start]) | UInt64(bytes[start + 1]) << 8 | UInt64(bytes[start + 2]) << 16
            | UInt64(bytes[start + 3]) << 24
    }

    mutating func takeSigned(_ width: Int) -> Int64 {
        let shift = UInt64(64 - width * 8)
        return Int64(bitPattern: take(width) << shift) >> Int64(shift)
    }

    /// A string of the metadata's kind, as bytes.
    mutating func takeString() -> ArraySlice<UInt8> {
        let start = position
        while position < limit {
            if bytes[position] == 0 {
                position += 1
                return bytes[start..<position - 1]
            }
            position += 1
        }
        isOverrun = true
        return []
    }

    mutating func takeText() -> String { String(decoding: takeString(), as: UTF8.self) }

    mutating func takeBytes(_ count: Int) -> ArraySlice<UInt8> {
        guard count <= limit - position else {
            isOverrun = true
            position = limit
            return []
        }
        position += count
        return bytes[position - count..<position]
    }

    // MARK: Events

    private mutating func header() -> EventClass? {
        var identifier = Int(take(2))
        if identifier == 65_535 {
            identifier = Int(take(4))
            clock = take(8)
        } else {
            let low = take(4)
            let next = clock & ~0xffff_ffff | low
            clock = next < clock ? next &+ 1 << 32 : next
        }
        let stream = packets.stream
        guard identifier < classes[stream].count else { return nil }
        return classes[stream][identifier]
    }

    private mutating func read(_ found: EventClass) -> StreamStep? {
        switch found.kind {
        case .kernel:
            readCommon(found)
            readKernel(found.kernel)
            return .call
        case .call:
            readCommon(found)
            readCall(found.fields)
            return .call
        case .plain:
            readCommon(found)
            readPlain()
            return .call
        case .operation:
            guard wantsOperations else {
                _ = takeBytes(found.operation.bytes)
                return nil
            }
            readOperation(found)
            return .operation
        case .thread:
            let index = Int(take(1))
            threads[index] = UInt32(truncatingIfNeeded: take(4))
            callSequences[index] = UInt32(truncatingIfNeeded: take(4))
        case .stream:
            let index = Int(take(1))
            streams[index] = take(8)
            operationSequences[index] = take(8)
        case .addresses: addressHigh = take(4) << 32
        case .signature: return readSignature()
        case .client: return readClient()
        case .policy: return readPolicy()
        case .decision: return readDecision(found.decision)
        case .record, .plainRecord, .bareRecord, .kernelRecord: return nil
        case .lost:
            event = .lost(
                LostEvent(
                    time: time, client: client, thread: UInt32(truncatingIfNeeded: take(4)),
                    count: take(8)))
            return .other
        }
        return nil
    }

    private mutating func readCommon(_ found: EventClass) {
        let thread = Int(take(1))
        let last = callSequences[thread]
        let delta = UInt8(truncatingIfNeeded: take(1)) &- UInt8(truncatingIfNeeded: last)
        call.sequence = last &+ UInt32(delta)
        callSequences[thread] = call.sequence
        call.thread = threads[thread]
        let stream = Int(take(1))
        call.stream = stream == 0 ? 0 : streams[stream]
        call.time = time
        call.durationNanoseconds = Int64(bitPattern: take(found.common.durationBytes))
        call.flags = found.common.hasFlags ? UInt8(truncatingIfNeeded: take(1)) : 0
        call.result = Int32(truncatingIfNeeded: takeSigned(found.common.resultBytes))
        call.function = found.function
        call.signature = 0
        if !call.words.isEmpty { call.words.removeAll(keepingCapacity: true) }
        if !call.bytes.isEmpty { call.bytes.removeAll(keepingCapacity: true) }
        if !call.values.isEmpty { call.values.removeAll(keepingCapacity: true) }
    }

    private mutating func readKernel(_ shape: KernelShape) {
        call.signature = UInt32(truncatingIfNeeded: take(shape.signatureBytes))
        let count = Int(take(shape.countBytes))
        guard count <= (limit - position) / shape.addressBytes else {
            isOverrun = true
            return
        }
        let high = shape.addressBytes == 4 ? addressHigh : 0
        for _ in 0..<count { call.values.append(high | take(shape.addressBytes)) }
        guard shape.hasValues else { return }
        let others = Int(take(1))
        let places = (0..<others).map { _ in UInt8(truncatingIfNeeded: take(1)) }
        let found = places.map { (place: $0, word: take(8)) }
        guard let form = forms[call.signature] else { return }
        call.values = form.joined(call.values, found)
    }

    private mutating func readCall(_ range: Range<Int>) {
        for index in range {
            let field = fields[index]
            if field.countBytes > 0 {
                readSequence(field)
                continue
            }
            switch field.type.family {
            case .unsigned, .hexadecimal, .real: call.words.append(take(field.type.bytes))
            case .signed:
                call.words.append(UInt64(bitPattern: takeSigned(field.type.bytes)))
            case .string:
                let text = takeString()
                appendSpan(text)
            }
        }
    }

    private mutating func readSequence(_ field: CallField) {
        let count = Int(take(field.countBytes))
        guard field.type.family == .signed else {
            let slice = takeBytes(count)
            appendSpan(slice)
            return
        }
        guard count <= (limit - position) / field.type.bytes else {
            isOverrun = true
            return
        }
        let start = UInt64(call.bytes.count)
        for _ in 0..<count {
            var value = UInt64(bitPattern: takeSigned(field.type.bytes))
            for _ in 0..<8 {
                call.bytes.append(UInt8(truncatingIfNeeded: value))
                value >>= 8
            }
        }
        call.words.append(count == 0 ? 0 : start << 32 | UInt64(count * 8))
    }

    private mutating func appendSpan(_ slice: ArraySlice<UInt8>) {
        let start = UInt64(call.bytes.count)
        call.words.append(slice.isEmpty ? 0 : start << 32 | UInt64(slice.count))
        call.bytes.append(contentsOf: slice)
    }

    private mutating func readPlain() {
        call.signature = UInt32(truncatingIfNeeded: take(4))
        let addresses = Int(take(4))
        guard addresses <= (limit - position) / 8 else {
            isOverrun = true
            return
        }
        for _ in 0..<addresses { call.values.append(take(8)) }
        let words = Int(take(4))
        guard words <= (limit - position) / 8 else {
            isOverrun = true
            return
        }
        for _ in 0..<words { call.words.append(take(8)) }
        let count = Int(take(4))
        call.bytes.append(contentsOf: takeBytes(count))
    }
}
