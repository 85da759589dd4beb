/// senders.h: a function a verb that fills in verb and operands, so that nothing else names them.
func verbSenders(_ table: VerbTable) -> String {
    var text = banner()
    text += """
        //
        // fx_send_VERB tells the daemon; fx_ask_VERB also waits for its answer. The caller fills in the
        // rest of the call: function, words, stream, bytes. A place is two operands: space and value.
        #ifndef FX_SENDERS_H
        #define FX_SENDERS_H

        #include "../Transport/ask.h"

        """
    for verb in table.verbs where verb.id != 0 {
        if verb.asks != .ask { text += "\n" + sender(verb, asks: false) }
        if verb.asks != .tell { text += "\n" + sender(verb, asks: true) }
    }
    return text + "\n#endif\n"
}

private func sender(_ verb: Verb, asks: Bool) -> String {
    let name = "fx_\(asks ? "ask" : "send")_\(verb.name.lowercased())"
    let parameters =
        ["struct fx_thread *self", "const struct fx_call *call"]
        + verb.operands.flatMap(parameters) + (asks ? replyParameters(verb) : [])
    var text = "/// \(verb.meaning)\n"
    text += wrapped("static inline int32_t \(name)(", parameters) + " {\n"
    let words = verb.operands.flatMap(words)
    if !words.isEmpty {
        text += "    const uint64_t words[] = {\(words.joined(separator: ", "))};\n"
    }
    text += "    const struct fx_operands operands = {\n        .verb = FX_VERB_\(verb.name),\n"
    if !words.isEmpty { text += "        .words = words,\n        .count = \(words.count),\n" }
    if let rest = verb.operands.last, verb.takesRest {
        text += "        .values = \(snakeName(rest.name)),\n"
        text += "        .value_count = \(snakeName(rest.name))_count,\n"
    }
    text += "    };\n"
    return text + (asks ? askingEnd(verb) : "    return fx_send(self, call, &operands);\n") + "}\n"
}

/// Asks, and hands the reply's words out.
private func askingEnd(_ verb: Verb) -> String {
    let wantsReply = verb.repliesWithRest
    var text = wantsReply ? "" : "    struct fx_reply reply;\n"
    let limit = verb.operands.first { $0.kind == .milliseconds }
    let reply = wantsReply ? "reply" : "&reply"
    let ask =
        limit.map { "fx_ask_timeout(self, call, &operands, \(reply), \(snakeName($0.name)))" }
        ?? "fx_ask(self, call, &operands, \(reply))"
    guard !wantsReply, !verb.replies.isEmpty else { return text + "    return \(ask);\n" }
    text += "    const int32_t status = \(ask);\n    if (status != 0) return status;\n"
    for (index, word) in verb.replies.enumerated() {
        text += "    *\(snakeName(word.name)) = reply.words[\(index)];\n"
    }
    return text + "    return 0;\n"
}

private func parameters(_ operand: Operand) -> [String] {
    let name = snakeName(operand.name)
    return switch operand.kind {
    case .device: ["int32_t \(name)"]
    case .milliseconds: ["int64_t \(name)"]
    case .place: ["uint64_t \(name)_space", "uint64_t \(name)"]
    case .values: ["const uint64_t *\(name)", "uint32_t \(name)_count"]
    default: ["uint64_t \(name)"]
    }
}

private func words(_ operand: Operand) -> [String] {
    let name = snakeName(operand.name)
    return switch operand.kind {
    case .device, .milliseconds: ["(uint64_t)(int64_t)\(name)"]
    case .place: ["\(name)_space", name]
    case .values: []
    default: [name]
    }
}

private func replyParameters(_ verb: Verb) -> [String] {
    verb.repliesWithRest
        ? ["struct fx_reply *reply"] : verb.replies.map { "uint64_t *\(snakeName($0.name))" }
}

/// A head and its parameters, within 100 columns.
private func wrapped(_ head: String, _ parameters: [String]) -> String {
    let whole = head + parameters.joined(separator: ", ") + ")"
    guard whole.utf8.count > 98 else { return whole }
    var text = head
    var line = "\n   "
    for (index, parameter) in parameters.enumerated() {
        let piece = " " + parameter + (index + 1 < parameters.count ? "," : ")")
        if line.utf8.count + piece.utf8.count > 99 {
            text += line
            line = "\n   "
        }
        line += piece
    }
    return text + line
}
