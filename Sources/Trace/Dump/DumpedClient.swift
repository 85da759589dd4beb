import AscendCL
import Wire

/// A call in words.
struct DescribedCall {
    var call: CallEvent
    var function: String
    var arguments: [(name: String, text: String)]
}

/// What is known of a client while its events are written out: names, signatures, addresses by
/// first appearance.
struct DumpedClient {
    private let id: ClientID
    private let names: FunctionNames
    private var name: String?
    private var signatures: [UInt32: SignatureText] = [:]
    private var addresses: [UInt64: Int] = [:]

    init(id: ClientID, names: FunctionNames) {
        self.id = id
        self.names = names
    }

    var title: String { name ?? "client-\(id.rawValue)" }

    func functionName(_ id: FunctionID) -> String { names[id] }

    func matches(_ pattern: String) -> Bool {
        pattern == "\(id.rawValue)" || Glob.matches(title, pattern)
    }

    mutating func learn(_ event: TraceEvent) {
        switch event {
        case .client(let change): name = change.name
        case .signature(let signature):
            signatures[signature.signature] = SignatureText(
                signature.encoded, of: signature.function, in: names.table)
        default: break
        }
    }

    private mutating func address(_ address: UInt64) -> String {
        guard address != 0 else { return "null" }
        if let known = addresses[address] { return "@a\(known)" }
        addresses[address] = addresses.count + 1
        return "@a\(addresses.count)"
    }

    mutating func describe(_ call: CallEvent) -> DescribedCall {
        var arguments: [(name: String, text: String)] = []
        if call.signature != 0 { arguments = describeSignature(call) }
        let parameters = names.table[call.function]?.parameters ?? []
        for (index, word) in call.words.enumerated() {
            guard index < parameters.count else {
                arguments.append(("returned", WordText.hexadecimal(word)))
                continue
            }
            let parameter = parameters[index]
            let text =
                parameter.kind == .address
                    || parameter.kind == .out && parameter.type.contains("void **")
                ? address(word)
                : WordText.describe(word, parameter.kind, parameter.type, in: call.bytes)
            arguments.append((parameter.name, text))
        }
        return DescribedCall(call: call, function: names[call.function], arguments: arguments)
    }

    private mutating func describeSignature(_ call: CallEvent) -> [(name: String, text: String)] {
        guard let signature = signatures[call.signature], signature.failure == nil,
            let launch = signature.launch(call.values)
        else {
            let words = call.values.map { WordText.hexadecimal($0) }.joined(separator: " ")
            return [("signature", "\(call.signature)"), ("values", words)]
        }
        var next = 0
        return launch.arguments.map { argument in
            var text = argument.text
            for _ in 0..<argument.tensors where next < launch.addresses.count {
                text += " " + address(launch.addresses[next])
                next += 1
            }
            return (argument.name, text)
        }
    }

    // MARK: Text

    func text(_ call: DescribedCall, _ time: Nanoseconds) -> String {
        var line = "\(NumberText.seconds(time)) \(title)/\(call.call.thread) \(call.function)("
        line += call.arguments.map { "\($0.name)=\($0.text)" }.joined(separator: ", ")
        line += ") = \(call.call.result)"
        if call.call.stream != 0 { line += " on \(WordText.hexadecimal(call.call.stream))" }
        return line + "  \(NumberText.duration(call.call.durationNanoseconds))"
    }

    func text(_ operation: OperationEvent, _ time: Nanoseconds) -> String {
        let spans = OperationSpans(operation, at: UInt64(max(0, operation.time)))
        func span(_ value: UInt64) -> String {
            NumberText.duration(Int64(truncatingIfNeeded: value))
        }
        var line = "\(NumberText.seconds(time)) \(title) ran \(names[operation.function]) "
        line += "#\(operation.sequence) of \(WordText.hexadecimal(operation.stream)) on device "
        line +=
            "\(operation.device.rawValue): held \(span(spans.held)), waited \(span(spans.waited)), "
        line += "launched \(span(spans.launched)), ran \(span(spans.ran)), phase \(operation.phase)"
        if operation.cores != 0 { line += ", \(operation.cores) cores" }
        if operation.policyLoad != 0 {
            line += ", by policy load \(operation.policyLoad) line \(operation.policyLine)"
        }
        return operation.result == 0 ? line : line + ", failed with \(operation.result)"
    }

    func text(_ event: TraceEvent, _ time: Nanoseconds) -> String? {
        let start = NumberText.seconds(time)
        switch event {
        case .client(let change):
            let labels = change.labels.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }
            return "\(start) \(change.name) \(change.what), pid \(change.pid), \(change.mode)"
                + labels.joined()
        case .policy(let policy):
            return "\(start) policy \(policy.name) \(policy.what), load \(policy.load): "
                + policy.detail
        case .lost(let lost):
            return "\(start) \(title)/\(lost.thread) lost \(lost.count) records"
        case .decision(let decision): return Self.text(decision, start)
        case .signature, .call, .operation: return nil
        }
    }
}
