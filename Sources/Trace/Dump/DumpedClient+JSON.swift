import Wire

/// The same as JSON, one object a line.
extension DumpedClient {
    func json(_ call: DescribedCall, _ time: Nanoseconds) -> String {
        var object = start("call", time)
        object.add("thread", call.call.thread)
        object.add("sequence", call.call.sequence)
        object.add("function", call.function)
        object.add("arguments", pairs: call.arguments)
        object.add("result", call.call.result)
        if call.call.stream != 0 { object.add("stream", WordText.hexadecimal(call.call.stream)) }
        object.add("durationNanoseconds", call.call.durationNanoseconds)
        return object.text
    }

    func json(_ operation: OperationEvent, _ time: Nanoseconds) -> String {
        var object = start("operation", time)
        object.add("function", functionName(operation.function))
        object.add("stream", WordText.hexadecimal(operation.stream))
        object.add("sequence", operation.sequence)
        object.add("device", operation.device.rawValue)
        object.add("phase", "\(operation.phase)")
        object.add("phaseSource", "\(operation.phaseSource)")
        object.add("heldNanoseconds", operation.readyAt &- operation.queuedAt)
        object.add("waitedNanoseconds", operation.dispatchedAt &- operation.readyAt)
        object.add("launchedNanoseconds", operation.startedAt &- operation.dispatchedAt)
        object.add("ranNanoseconds", operation.finishedAt &- operation.startedAt)
        object.add("policyLoad", operation.policyLoad)
        object.add("policyLine", operation.policyLine)
        if operation.cores != 0 { object.add("cores", operation.cores) }
        object.add("result", operation.result)
        return object.text
    }

    func json(_ event: TraceEvent, _ time: Nanoseconds) -> String? {
        switch event {
        case .client(let change):
            var object = start("client", time)
            object.add("change", "\(change.what)")
            object.add("pid", change.pid)
            object.add("mode", change.mode)
            object.add(
                "labels",
                pairs: change.labels.sorted { $0.key < $1.key }.map {
                    (name: $0.key, text: $0.value)
                })
            return object.text
        case .policy(let policy):
            var object = JSONObject()
            object.add("time", nanoseconds: time)
            object.add("kind", "policy")
            object.add("change", "\(policy.what)")
            object.add("load", policy.load)
            object.add("name", policy.name)
            object.add("detail", policy.detail)
            return object.text
        case .lost(let lost):
            var object = start("lost", time)
            object.add("thread", lost.thread)
            object.add("count", lost.count)
            return object.text
        case .decision(let decision): return Self.json(decision, time)
        case .signature, .call, .operation: return nil
        }
    }

    private func start(_ kind: String, _ time: Nanoseconds) -> JSONObject {
        var object = JSONObject()
        object.add("time", nanoseconds: time)
        object.add("kind", kind)
        object.add("client", title)
        return object
    }
}

/// Spells a JSON object, member by member.
struct JSONObject {
    private var members: [String] = []

    var text: String { "{" + members.joined(separator: ",") + "}" }

    mutating func add(_ key: String, _ value: some FixedWidthInteger) {
        members.append("\(JSONText.quoted(key)):\(value)")
    }

    mutating func add(_ key: String, _ value: String) {
        members.append("\(JSONText.quoted(key)):\(JSONText.quoted(value))")
    }

    /// Seconds, exactly.
    mutating func add(_ key: String, nanoseconds: Int64) {
        members.append("\(JSONText.quoted(key)):\(NumberText.seconds(nanoseconds))")
    }

    mutating func add(_ key: String, pairs: [(name: String, text: String)]) {
        let inner = pairs.map { "\(JSONText.quoted($0.name)):\(JSONText.quoted($0.text))" }
        members.append("\(JSONText.quoted(key)):{\(inner.joined(separator: ","))}")
    }
}
