import Wire

/// How events that are no calls are read.
extension StreamReader {
    mutating func readOperation(_ found: EventClass) {
        let shape = found.operation
        let stream = Int(take(1))
        let last = operationSequences[stream]
        let delta = UInt8(truncatingIfNeeded: take(1)) &- UInt8(truncatingIfNeeded: last)
        operationSequences[stream] = last &+ UInt64(delta)
        let phase = UInt8(truncatingIfNeeded: take(1))
        operation.sequence = operationSequences[stream]
        operation.stream = streams[stream]
        operation.client = client
        operation.function = found.function
        operation.phase = Phase(rawValue: phase & 15) ?? .other
        operation.phaseSource = PhaseSource(rawValue: phase >> 4) ?? .none
        let wide = shape.isNarrow ? 1 : 4
        operation.device = DeviceID(rawValue: Int32(truncatingIfNeeded: takeSigned(wide)))
        operation.policyLoad = UInt32(truncatingIfNeeded: take(wide))
        operation.policyLine = UInt32(truncatingIfNeeded: take(shape.isNarrow ? 2 : 4))
        operation.result = Int32(truncatingIfNeeded: takeSigned(wide))
        operation.cores = shape.hasCores ? UInt32(truncatingIfNeeded: take(wide)) : 0
        let held = Int64(bitPattern: take(shape.waitBytes))
        let waited = Int64(bitPattern: take(shape.waitBytes))
        let launched = Int64(bitPattern: take(shape.waitBytes))
        let ran = Int64(bitPattern: take(shape.runBytes))
        let noticed = Int64(bitPattern: take(shape.noticeBytes))
        operation.time = time
        operation.finishedAt = time &- noticed
        operation.startedAt = operation.finishedAt &- ran
        operation.dispatchedAt = operation.startedAt &- launched
        operation.readyAt = operation.dispatchedAt &- waited
        operation.queuedAt = operation.readyAt &- held
    }

    /// A signature's arguments; nil when the stream has told them before.
    mutating func readSignature() -> StreamStep? {
        let signature = UInt32(truncatingIfNeeded: take(4))
        let function = takeText()
        _ = takeString()
        let count = Int(take(4))
        let padded = takeBytes(Int(take(4)) * 8)
        guard count <= padded.count else {
            isOverrun = true
            return nil
        }
        let encoded = Array(padded.prefix(count))
        if let known = signatures[signature], known.encoded == encoded,
            names[known.function] == function
        {
            return nil
        }
        let read = SignatureEvent(
            time: time, client: client, signature: signature,
            function: names.identifier(of: function), encoded: encoded)
        signatures[signature] = read
        forms[signature] = SignatureForm(encoded)
        event = .signature(read)
        return .other
    }

    mutating func readClient() -> StreamStep {
        let what = ClientEvent.What(rawValue: UInt8(truncatingIfNeeded: take(1)))
        let pid = Int32(truncatingIfNeeded: takeSigned(4))
        let name = takeText()
        let mode = takeText()
        var labels: [String: String] = [:]
        for _ in 0..<take(2) where !isOverrun {
            let key = takeText()
            labels[key] = takeText()
        }
        event = .client(
            ClientEvent(
                time: time, client: client, what: what ?? .died, pid: pid, name: name, mode: mode,
                labels: labels))
        return .other
    }

    mutating func readPolicy() -> StreamStep {
        let what = PolicyEvent.What(rawValue: UInt8(truncatingIfNeeded: take(1)))
        let load = UInt32(truncatingIfNeeded: take(4))
        let name = takeText()
        event = .policy(
            PolicyEvent(
                time: time, what: what ?? .loaded, load: load, name: name, detail: takeText()))
        return .other
    }

    mutating func readDecision(_ shape: DecisionShape) -> StreamStep {
        let head = UInt8(truncatingIfNeeded: take(1))
        let device = Int32(truncatingIfNeeded: takeSigned(shape.widths[0]))
        let values = shape.widths[1..<8].map { take($0) }
        var answer = DecisionEvent.Answer.hold(until: nil)
        if shape.isOperation {
            let client = ClientID(rawValue: UInt32(truncatingIfNeeded: take(shape.widths[8])))
            let stream = Int(take(1))
            let last = operationSequences[stream]
            let delta = UInt8(truncatingIfNeeded: take(1)) &- UInt8(truncatingIfNeeded: last)
            operationSequences[stream] = last &+ UInt64(delta)
            answer = .operation(
                client: client, stream: streams[stream], sequence: operationSequences[stream])
        } else {
            let until = Int64(bitPattern: take(8))
            if head & 15 == 2 { answer = .hold(until: until) }
        }
        event = .decision(
            DecisionEvent(
                time: time, device: DeviceID(rawValue: device),
                inFlight: UInt32(truncatingIfNeeded: values[2]),
                inFlightNanoseconds: Int64(bitPattern: values[3]),
                ready: UInt32(truncatingIfNeeded: values[4]), answer: answer,
                isByFallback: head >> 4 == 1, cores: UInt32(truncatingIfNeeded: values[5]),
                note: shape.hasNote ? takeText() : "",
                policyLoad: UInt32(truncatingIfNeeded: values[0]),
                policyLine: UInt32(truncatingIfNeeded: values[1]), instructions: values[6]))
        return .other
    }
}
