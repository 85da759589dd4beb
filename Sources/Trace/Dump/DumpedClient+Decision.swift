import Wire

/// How a decision is printed.
extension DumpedClient {
    static func text(_ decision: DecisionEvent, _ start: String) -> String {
        var line = "\(start) device \(decision.device.rawValue): \(decision.ready) ready, "
        line += "\(decision.inFlight) in flight "
        line += "(\(NumberText.duration(decision.inFlightNanoseconds))): \(answer(decision))"
        if decision.cores != 0 { line += " on \(decision.cores) cores" }
        line += decision.isByFallback ? ", by the fallback of" : ", by"
        line += " policy load \(decision.policyLoad) line \(decision.policyLine)"
        if decision.instructions != 0 { line += ", \(decision.instructions) instructions" }
        return decision.note.isEmpty ? line : line + ": \(decision.note)"
    }

    private static func answer(_ decision: DecisionEvent) -> String {
        switch decision.answer {
        case .operation(let client, let stream, let sequence):
            return "client \(client.rawValue) #\(sequence) of \(WordText.hexadecimal(stream))"
        case .hold(nil): return "hold"
        case .hold(let until?):
            return "hold for \(NumberText.duration(until &- decision.time))"
        }
    }

    static func json(_ decision: DecisionEvent, _ time: Nanoseconds) -> String {
        var object = JSONObject()
        object.add("time", nanoseconds: time)
        object.add("kind", "decision")
        object.add("device", decision.device.rawValue)
        object.add("inFlight", decision.inFlight)
        object.add("inFlightTime", nanoseconds: decision.inFlightNanoseconds)
        object.add("ready", decision.ready)
        switch decision.answer {
        case .operation(let client, let stream, let sequence):
            object.add("answer", "operation")
            object.add("client", client.rawValue)
            object.add("stream", WordText.hexadecimal(stream))
            object.add("sequence", sequence)
        case .hold(let until):
            object.add("answer", "hold")
            if let until { object.add("for", nanoseconds: until &- decision.time) }
        }
        object.add("by", decision.isByFallback ? "fallback" : "policy")
        object.add("cores", decision.cores)
        object.add("note", decision.note)
        object.add("policyLoad", decision.policyLoad)
        object.add("policyLine", decision.policyLine)
        object.add("instructions", decision.instructions)
        return object.text
    }
}
