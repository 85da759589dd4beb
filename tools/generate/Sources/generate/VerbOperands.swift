/// Operands.swift: what a handler of the daemon gets, decoded and checked, and the dispatch to it.
func verbOperands(_ table: VerbTable) -> String {
    let verbs = table.verbs.filter { $0.id != 0 }
    var text = banner() + "// swift-format-ignore-file\n\nimport AscendCL\nimport Wire\n"
    for verb in verbs {
        text += "\n" + operandStructure(verb)
        if !verb.replies.isEmpty && !verb.repliesWithRest { text += "\n" + replyStructure(verb) }
    }
    text +=
        "\n/// What a daemon does with each verb. A refusal that is thrown becomes the answer, or for work\n"
    text +=
        "/// whose call has returned the stream's next error.\nprotocol VerbHandler: AnyObject {\n"
    for verb in verbs {
        text +=
            "    func \(verb.camelName)(_ operands: \(verb.typeName)Operands, _ call: borrowing CallContext)"
        text += " throws(CallRefusal)\n"
    }
    return text + "}\n\n" + dispatch(verbs) + "\n" + verbNames(table)
}

/// `EVENT_WAIT: [event, number]. Later work of the stream waits …`
private func heading(_ verb: Verb, indent: String = "") -> String {
    let operands = verb.operands.map(\.name).joined(separator: ", ")
    var text = "\(indent)/// \(verb.name): [\(operands)]. \(verb.meaning)\n"
    if !verb.bytes.isEmpty { text += "\(indent)/// Bytes: \(verb.bytes).\n" }
    return text
}

private func operandStructure(_ verb: Verb) -> String {
    var text = heading(verb) + "struct \(verb.typeName)Operands {\n"
    switch verb.stream {
    case .record: text += "    let stream: StreamSlot\n"
    case .optional: text += "    let stream: StreamSlot?\n"
    case .none: break
    }
    for operand in verb.operands { text += "    let \(operand.name): \(operand.kind.swiftType)\n" }
    if verb.stream != .none || !verb.operands.isEmpty { text += "\n" }
    text += "    init(_ call: borrowing CallContext) throws(CallRefusal) {\n"
    let expected = verb.takesRest ? "atLeast" : "count"
    text += "        try call.expect(\(expected): \(verb.fixedWidth))\n"
    switch verb.stream {
    case .record: text += "        stream = try call.recordStream()\n"
    case .optional: text += "        stream = try call.optionalRecordStream()\n"
    case .none: break
    }
    var place = 0
    for operand in verb.operands {
        let attempt = operand.kind.isChecked ? "try " : ""
        let read =
            operand.kind == .values
            ? "values(from: \(place))" : "\(operand.kind.rawValue)(at: \(place))"
        text += "        \(operand.name) = \(attempt)call.\(read)\n"
        place += operand.kind.width ?? 0
    }
    return text + "    }\n}\n"
}

private func replyStructure(_ verb: Verb) -> String {
    var text = "/// What \(verb.name) is answered with.\nstruct \(verb.typeName)Reply {\n"
    for word in verb.replies { text += "    var \(word.name): UInt64\n" }
    let words = verb.replies.map(\.name).joined(separator: ", ")
    return text + "\n    var words: [UInt64] { [\(words)] }\n}\n"
}

private func dispatch(_ verbs: [Verb]) -> String {
    var text = """
        extension VerbHandler {
            /// Decodes the operands of a record and calls what handles its verb; false for an unknown verb.
            func handle(verb: UInt8, _ call: borrowing CallContext)
                throws(CallRefusal) -> Bool
            {
                switch verb {
                case 0: break

        """
    for verb in verbs {
        text +=
            "        case \(verb.id): try \(verb.camelName)(\(verb.typeName)Operands(call), call)\n"
    }
    return text + "        default: return false\n        }\n        return true\n    }\n}\n"
}

private func verbNames(_ table: VerbTable) -> String {
    var text = "/// The verbs' numbers and names, for messages and traces.\nenum VerbName {\n"
    for verb in table.verbs { text += "    static let \(verb.camelName): UInt8 = \(verb.id)\n" }
    text += "\n    static func of(_ verb: UInt8) -> String? {\n        switch verb {\n"
    for verb in table.verbs { text += "        case \(verb.id): \"\(verb.name)\"\n" }
    return text + "        default: nil\n        }\n    }\n}\n"
}
