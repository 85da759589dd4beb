import AscendCL
import Wire

/// How each event is spelled.
extension StreamWriter {
    func write(_ call: CallEvent, at time: UInt64) {
        if call.signature != 0 { write(signature: call.signature, at: time) }
        let common = CallCommon(
            duration: call.durationNanoseconds, flags: call.flags, result: call.result)
        let thread = number(ofThread: call.thread, sequence: call.sequence, at: time)
        let stream = number(ofStream: call.stream, sequence: nil, at: time)
        let hasWords = !call.words.isEmpty || !call.bytes.isEmpty
        let isKernel = call.signature != 0 || !call.values.isEmpty
        if isKernel, !hasWords, writeKernel(call, common, thread, stream, at: time) { return }
        if isKernel || !writeTyped(call, common, thread, stream, at: time) {
            writePlain(call, common, thread, stream, at: time)
        }
    }

    private static func putCommon(
        _ call: CallEvent, _ common: CallCommon, _ thread: UInt8, _ stream: UInt8,
        into packet: inout PacketBuffer
    ) {
        packet.put(thread)
        packet.put(UInt8(truncatingIfNeeded: call.sequence))
        packet.put(stream)
        packet.put(UInt64(bitPattern: call.durationNanoseconds), bytes: common.durationBytes)
        if common.hasFlags { packet.put(call.flags) }
        packet.put(UInt64(UInt32(bitPattern: call.result)), bytes: common.resultBytes)
    }

    /// False where the values are not of a plan that is known, or have no such spelling.
    private func writeKernel(
        _ call: CallEvent, _ common: CallCommon, _ thread: UInt8, _ stream: UInt8, at time: UInt64
    ) -> Bool {
        guard let form = forms[call.signature], form.fits(call.values),
            let others = form.others(in: call.values)
        else { return false }
        let addresses = form.addresses(in: call.values)
        let isSmall = call.signature < 65_536 && addresses.count < 256
        let shape = KernelShape(
            signatureBytes: isSmall ? 2 : 4, addressBytes: addressBytes(for: addresses, at: time))
        let identifier = registry.kernel(call.function, common, shape)
        let fixed = 40 + addresses.count * 8 + others.count * 9
        put(identifier, at: time, fixedBytes: fixed) { packet in
            Self.putCommon(call, common, thread, stream, into: &packet)
            packet.put(UInt64(call.signature), bytes: shape.signatureBytes)
            packet.put(UInt64(addresses.count), bytes: shape.countBytes)
            for address in addresses { packet.put(address, bytes: shape.addressBytes) }
            packet.put(UInt8(others.count))
            for other in others { packet.put(other.place) }
            for other in others { packet.put(other.word) }
        }
        return true
    }

    private func writePlain(
        _ call: CallEvent, _ common: CallCommon, _ thread: UInt8, _ stream: UInt8, at time: UInt64
    ) {
        let identifier = registry.plain(call.function, common)
        let fixed = 64 + (call.values.count + call.words.count) * 8
        put(identifier, at: time, fixedBytes: fixed) { packet in
            Self.putCommon(call, common, thread, stream, into: &packet)
            packet.put(call.signature)
            packet.put(UInt32(call.values.count))
            for address in call.values { packet.put(address) }
            packet.put(UInt32(call.words.count))
            for word in call.words { packet.put(word) }
            packet.put(UInt32(call.bytes.count))
            packet.append(call.bytes[...])
        }
    }

    /// One field a parameter; false when the words do not fit the table's description of the call.
    private func writeTyped(
        _ call: CallEvent, _ common: CallCommon, _ thread: UInt8, _ stream: UInt8, at time: UInt64
    ) -> Bool {
        // A call that came without its parameters has no fields for them.
        let isBare = call.words.isEmpty && call.bytes.isEmpty
        guard let kinds = isBare ? [] : registry.kinds(of: call.function),
            [0, 1].contains(call.words.count - kinds.count)
        else { return false }
        var widths: [UInt8] = []
        widths.reserveCapacity(call.words.count)
        for (index, word) in call.words.enumerated() {
            let kind = index < kinds.count ? kinds[index] : .opaque
            guard let width = Self.width(of: word, kind, in: call.bytes) else { return false }
            widths.append(width)
        }
        let known = registry.call(call.function, common, widths)
        put(known.identifier, at: time, fixedBytes: 32 + call.words.count * 8) { packet in
            Self.putCommon(call, common, thread, stream, into: &packet)
            for (index, word) in call.words.enumerated() {
                let kind = index < kinds.count ? kinds[index] : .opaque
                let width = Width.bytes[Int(known.widths[index])]
                Self.put(word, kind, bytes: width, from: call.bytes, into: &packet)
            }
        }
        return true
    }

    /// The width code that holds the word; nil when it points outside the bytes or has no narrow
    /// spelling.
    private static func width(
        of word: UInt64, _ kind: ParameterKind, in bytes: [UInt8]
    ) -> UInt8? {
        switch kind {
        case .integer: return UInt8(Width.signed(Int64(bitPattern: word)))
        case .float: return 4
        case .string:
            guard let text = CallWord.slice(word, in: bytes) else { return nil }
            return text.contains(0) ? nil : 0
        case .bytes: return CallWord.slice(word, in: bytes) == nil ? nil : 0
        case .array:
            guard let elements = CallWord.elements(word, in: bytes), elements.count < 65_536 else {
                return nil
            }
            return UInt8(elements.reduce(0) { max($0, Width.signed($1)) })
        case .unsigned, .boolean, .handle, .address, .out, .opaque, .structure:
            return UInt8(Width.unsigned(word))
        }
    }

    private static func put(
        _ word: UInt64, _ kind: ParameterKind, bytes width: Int, from bytes: [UInt8],
        into packet: inout PacketBuffer
    ) {
        switch kind {
        case .string: packet.append(string: CallWord.slice(word, in: bytes) ?? [])
        case .bytes:
            let slice = CallWord.slice(word, in: bytes) ?? []
            packet.reserve(4)
            packet.put(UInt32(slice.count))
            packet.append(slice)
        case .array:
            let elements = CallWord.elements(word, in: bytes) ?? []
            packet.reserve(2 + elements.count * 8)
            packet.put(UInt16(elements.count))
            for element in elements { packet.put(UInt64(bitPattern: element), bytes: width) }
        default:
            packet.reserve(8)
            packet.put(word, bytes: width)
        }
    }

    func write(_ operation: OperationEvent, at time: UInt64) {
        let spans = OperationSpans(operation, at: time)
        let shape = spans.shape(of: operation)
        let stream = number(ofStream: operation.stream, sequence: operation.sequence, at: time)
        let identifier = registry.operation(operation.function, shape)
        put(identifier, at: time, fixedBytes: shape.bytes) { packet in
            packet.put(stream)
            packet.put(UInt8(truncatingIfNeeded: operation.sequence))
            packet.put(operation.phase.rawValue | operation.phaseSource.rawValue << 4)
            let wide = shape.isNarrow ? 1 : 4
            packet.put(UInt64(UInt32(bitPattern: operation.device.rawValue)), bytes: wide)
            packet.put(UInt64(operation.policyLoad), bytes: wide)
            packet.put(UInt64(operation.policyLine), bytes: shape.isNarrow ? 2 : 4)
            packet.put(UInt64(UInt32(bitPattern: operation.result)), bytes: wide)
            packet.put(UInt64(operation.cores), bytes: wide)
            packet.put(spans.held, bytes: shape.waitBytes)
            packet.put(spans.waited, bytes: shape.waitBytes)
            packet.put(spans.launched, bytes: shape.waitBytes)
            packet.put(spans.ran, bytes: shape.runBytes)
            packet.put(spans.noticed, bytes: shape.noticeBytes)
        }
    }

    func write(_ change: ClientEvent, at time: UInt64) {
        let identifier = registry.fixed(
            .client,
            fields: "enum client_change _change; i32 _pid; string _name; string _mode; "
                + "u16 label_count; struct label _labels[label_count];")
        putHeader(identifier, at: time, fixedBytes: 5)
        packet.put(change.what.rawValue)
        packet.put(UInt32(bitPattern: change.pid))
        packet.append(string: change.name)
        packet.append(string: change.mode)
        let labels = change.labels.sorted { $0.key < $1.key }.prefix(65_535)
        packet.reserve(2)
        packet.put(UInt16(labels.count))
        for (key, value) in labels {
            packet.append(string: key)
            packet.append(string: value)
        }
    }

    func write(_ policy: PolicyEvent, at time: UInt64) {
        let identifier = registry.fixed(
            .policy,
            fields: "enum policy_change _change; u32 _load; string _name; string _detail;",
            stream: TraceFormat.daemonStream)
        putHeader(identifier, at: time, fixedBytes: 5)
        packet.put(policy.what.rawValue)
        packet.put(policy.load)
        packet.append(string: policy.name)
        packet.append(string: policy.detail)
    }

    func write(_ decision: DecisionEvent, at time: UInt64) {
        let shape = DecisionShape(decision)
        var stream: UInt8 = 0
        if case .operation(let client, let handle, let sequence) = decision.answer {
            stream = number(
                ofStream: handle, client: client.rawValue, sequence: sequence, at: time)
        }
        let identifier = registry.decision(shape)
        put(identifier, at: time, fixedBytes: 64) { packet in
            Self.put(decision, shape, stream, into: &packet)
        }
        if shape.hasNote { packet.append(string: decision.note) }
    }

    private static func put(
        _ decision: DecisionEvent, _ shape: DecisionShape, _ stream: UInt8,
        into packet: inout PacketBuffer
    ) {
        let widths = shape.widths
        let maker: UInt8 = decision.isByFallback ? 16 : 0
        let values = [
            UInt64(UInt32(bitPattern: decision.device.rawValue)), UInt64(decision.policyLoad),
            UInt64(decision.policyLine), UInt64(decision.inFlight),
            UInt64(bitPattern: decision.inFlightNanoseconds), UInt64(decision.ready),
            UInt64(decision.cores), decision.instructions,
        ]
        switch decision.answer {
        case .operation: packet.put(maker)
        case .hold(let until): packet.put(maker | (until == nil ? 1 : 2))
        }
        for (value, width) in zip(values, widths) { packet.put(value, bytes: width) }
        switch decision.answer {
        case .operation(let client, _, let sequence):
            packet.put(UInt64(client.rawValue), bytes: widths[8])
            packet.put(stream)
            packet.put(UInt8(truncatingIfNeeded: sequence))
        case .hold(let until): packet.put(UInt64(bitPattern: until ?? 0))
        }
    }

    func write(_ lost: LostEvent, at time: UInt64) {
        let identifier = registry.fixed(.lost, fields: "u32 _thread; u64 _count;")
        putHeader(identifier, at: time, fixedBytes: 12)
        packet.put(lost.thread)
        packet.put(lost.count)
    }
}

/// The parts of an operation's life, backwards from when it was written.
struct OperationSpans {
    var held: UInt64
    var waited: UInt64
    var launched: UInt64
    var ran: UInt64
    var noticed: UInt64

    init(_ operation: OperationEvent, at time: UInt64) {
        held = UInt64(bitPattern: operation.readyAt &- operation.queuedAt)
        waited = UInt64(bitPattern: operation.dispatchedAt &- operation.readyAt)
        launched = UInt64(bitPattern: operation.startedAt &- operation.dispatchedAt)
        ran = UInt64(bitPattern: operation.finishedAt &- operation.startedAt)
        noticed = time &- UInt64(bitPattern: operation.finishedAt)
    }

    func shape(of operation: OperationEvent) -> OperationEventShape {
        let waits = held | waited | launched
        guard waits | ran | noticed < 1 << 32 else {
            return OperationEventShape(waitBytes: 8, runBytes: 8, noticeBytes: 8, isNarrow: false)
        }
        let device = operation.device.rawValue
        let isNarrow =
            device == Int32(Int8(truncatingIfNeeded: device)) && operation.policyLoad < 256
            && operation.policyLine < 65_536
            && operation.result == Int32(Int8(truncatingIfNeeded: operation.result))
            && operation.cores < 256
        return OperationEventShape(
            waitBytes: waits < 1 << 16 ? 2 : 4, runBytes: ran < 1 << 16 ? 2 : 4,
            noticeBytes: noticed < 256 ? 1 : 4, isNarrow: isNarrow)
    }
}
