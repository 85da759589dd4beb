import Wire

/// One file of a trace: numbers threads and streams within a packet, and turns events into bytes.
///
/// Every packet can be read without those before it, but for the signatures, which are repeated
/// in every segment.
final class StreamWriter {
    let file: Int
    var pending = ReorderBuffer()
    /// Something was handed to the sink since it was last synchronised.
    var isUnsynchronised = false
    let registry: EventClassRegistry
    var packet = PacketBuffer(capacity: TraceFormat.packetBytes + 4096)
    /// The time of the last event that was written.
    private(set) var clock: UInt64 = 0
    private let stream: UInt32
    private let client: UInt32
    private let uuid: [UInt8]
    private var begin: UInt64 = 0
    private var packetNumber: UInt64 = 0
    private var segment: UInt32 = 0
    private var segmentBytes = 0
    private var discarded: UInt64 = 0

    // Known within the packet.
    private var threads: [UInt32: UInt8] = [:]
    private var lastThread: (thread: UInt32, index: UInt8)?
    private var callSequences: [UInt32] = []
    /// Handles of different clients may be the same number.
    private struct StreamKey: Hashable {
        var client: UInt32
        var handle: UInt64
    }
    private var streams: [StreamKey: UInt8] = [:]
    private var lastStream: (key: StreamKey, index: UInt8)?
    private var operationSequences: [UInt64] = []
    private(set) var addressHigh: UInt32?
    private var addressMisses = 0

    // Signatures of the client, and those that the segment has.
    private var signatures: [UInt32: SignatureEvent] = [:]
    /// What its values are, by signature.
    var forms: [UInt32: SignatureForm] = [:]
    private var written: Set<UInt32> = []

    init(
        file: Int, stream: UInt32, client: UInt32, uuid: [UInt8], registry: EventClassRegistry
    ) {
        self.file = file
        self.stream = stream
        self.client = client
        self.uuid = uuid
        self.registry = registry
    }

    /// True when a packet should be closed before more is written: it is large, or its numbers
    /// run out.
    var isPacketFull: Bool {
        packet.count >= TraceFormat.packetBytes || threads.count >= 255 || streams.count >= 254
    }

    /// Writes an event; true if its time had to be moved forward.
    func write(_ event: TraceEvent) -> Bool {
        let time = UInt64(max(0, event.time))
        let isLate = time < clock
        let stamp = max(time, clock)
        if packet.count == 0 { beginPacket(at: stamp) }
        switch event {
        case .call(let call): write(call, at: stamp)
        case .operation(let operation): write(operation, at: stamp)
        case .signature(let signature):
            if signatures[signature.signature] != signature {
                written.remove(signature.signature)
                forms[signature.signature] = SignatureForm(signature.encoded)
            }
            signatures[signature.signature] = signature
            write(signature: signature.signature, at: stamp)
        case .client(let change): write(change, at: stamp)
        case .policy(let policy): write(policy, at: stamp)
        case .decision(let decision): write(decision, at: stamp)
        case .lost(let lost):
            discarded &+= lost.count
            write(lost, at: stamp)
        }
        return isLate
    }

    /// The packet, whole, if it holds anything; the next event begins another.
    func takePacket() -> [UInt8]? {
        guard packet.count > 0 else { return nil }
        let size = packet.count
        let bits = UInt64(size) * 8
        packet.cut(to: 0)
        putPrefix(bits: bits)
        packet.cut(to: size)
        let bytes = packet.contents
        packet.removeAll()
        packetNumber += 1
        segmentBytes += size
        if segmentBytes >= TraceFormat.segmentBytes {
            segment += 1
            segmentBytes = 0
            written.removeAll(keepingCapacity: true)
        }
        return bytes
    }

    private func beginPacket(at time: UInt64) {
        begin = time
        clock = time
        threads.removeAll(keepingCapacity: true)
        lastThread = nil
        lastStream = nil
        callSequences.removeAll(keepingCapacity: true)
        streams.removeAll(keepingCapacity: true)
        operationSequences.removeAll(keepingCapacity: true)
        addressHigh = nil
        addressMisses = 0
        putPrefix(bits: 0)
    }

    private func putPrefix(bits: UInt64) {
        packet.reserve(TraceFormat.packetPrefixBytes)
        packet.put(TraceFormat.packetMagic)
        packet.append(uuid[...])
        packet.put(stream)
        packet.put(UInt64(file))
        packet.put(begin)
        packet.put(clock)
        packet.put(bits)
        packet.put(bits)
        packet.put(packetNumber)
        packet.put(discarded)
        packet.put(client)
        packet.put(segment)
    }

    /// The event's class and time. Room for the event's fixed part is reserved too.
    func putHeader(_ identifier: UInt32, at time: UInt64, fixedBytes: Int) {
        packet.putHeader(identifier, at: time, since: clock, fixedBytes: fixedBytes)
        clock = time
    }

    /// Writes an event in one go: every access to the packet from outside costs its check.
    @inline(__always)
    func put(
        _ identifier: UInt32, at time: UInt64, fixedBytes: Int,
        _ body: (inout PacketBuffer) -> Void
    ) {
        let since = clock
        clock = time
        Self.put(identifier, at: time, since: since, fixedBytes: fixedBytes, into: &packet, body)
    }

    @inline(__always)
    private static func put(
        _ identifier: UInt32, at time: UInt64, since: UInt64, fixedBytes: Int,
        into packet: inout PacketBuffer, _ body: (inout PacketBuffer) -> Void
    ) {
        packet.putHeader(identifier, at: time, since: since, fixedBytes: fixedBytes)
        body(&packet)
    }

    /// The thread's number within the packet. Announces the thread when it is new, or when its
    /// calls' sequence cannot be told from its low byte.
    func number(ofThread thread: UInt32, sequence: UInt32, at time: UInt64) -> UInt8 {
        let index: UInt8
        if let known = lastThread?.thread == thread ? lastThread?.index : threads[thread] {
            lastThread = (thread, known)
            let last = callSequences[Int(known)]
            callSequences[Int(known)] = sequence
            if sequence >= last, sequence - last < 256 { return known }
            index = known
        } else {
            index = UInt8(threads.count)
            threads[thread] = index
            callSequences.append(sequence)
        }
        let identifier = registry.fixed(.thread, fields: "u8 _index; u32 _thread; u32 _sequence;")
        putHeader(identifier, at: time, fixedBytes: 9)
        packet.put(index)
        packet.put(thread)
        packet.put(sequence)
        return index
    }

    /// The stream's number within the packet, from 1; 0 is no stream. `sequence` is that of the
    /// operation, if there is one; `client` is told where the file is not of one client.
    func number(
        ofStream handle: UInt64, client: UInt32 = 0, sequence: UInt64?, at time: UInt64
    ) -> UInt8 {
        if handle == 0, sequence == nil { return 0 }
        let key = StreamKey(client: client, handle: handle)
        let index: UInt8
        if let known = lastStream?.key == key ? lastStream?.index : streams[key] {
            lastStream = (key, known)
            guard let sequence else { return known }
            let last = operationSequences[Int(known) - 1]
            operationSequences[Int(known) - 1] = sequence
            if sequence >= last, sequence - last < 256 { return known }
            index = known
        } else {
            index = UInt8(streams.count + 1)
            streams[key] = index
            operationSequences.append(sequence ?? 0)
        }
        let identifier = registry.fixed(
            .stream, fields: "u8 _index; x64 _handle; u64 _sequence;", stream: stream)
        putHeader(identifier, at: time, fixedBytes: 17)
        packet.put(index)
        packet.put(handle)
        packet.put(sequence ?? 0)
        return index
    }

    /// How many bytes the addresses take: 4 when their upper halves are the one that was told.
    func addressBytes(for addresses: [UInt64], at time: UInt64) -> Int {
        var all: UInt64 = 0
        var same = true
        let first = UInt32(truncatingIfNeeded: (addresses.first ?? 0) >> 32)
        for address in addresses {
            all |= address
            if UInt32(truncatingIfNeeded: address >> 32) != first { same = false }
        }
        if same, first != addressHigh {
            addressMisses += 1
            if addressHigh == nil || addressMisses > 8 { tell(addressHigh: first, at: time) }
        }
        if same, first == addressHigh { return 4 }
        return all >> 48 == 0 ? 6 : 8
    }

    private func tell(addressHigh high: UInt32, at time: UInt64) {
        addressHigh = high
        addressMisses = 0
        let identifier = registry.fixed(.addresses, fields: "x32 _high;")
        putHeader(identifier, at: time, fixedBytes: 4)
        packet.put(high)
    }

    /// The signature's arguments, unless this segment has them.
    func write(signature: UInt32, at time: UInt64) {
        guard let event = signatures[signature], written.insert(signature).inserted else { return }
        let identifier = registry.fixed(
            .signature,
            fields: "u32 _signature; string _function; string _arguments; u32 _bytes; u32 length; "
                + "x64 _encoded[length];")
        putHeader(identifier, at: time, fixedBytes: 8)
        packet.put(signature)
        packet.append(string: registry.name(of: event.function))
        packet.append(
            string: SignatureText(event.encoded, of: event.function, in: registry.table).description
        )
        packet.reserve(16)
        packet.put(UInt32(event.encoded.count))
        packet.put(UInt32((event.encoded.count + 7) / 8))
        packet.append(event.encoded[...])
        packet.reserve(8)
        packet.put(0, bytes: -event.encoded.count & 7)
    }
}
