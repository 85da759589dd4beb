/// flexnpu_verbs.h: the verbs' numbers, and for who asks for it a table of them.
func verbHeader(_ table: VerbTable) -> String {
    var text = banner()
    text += """
        //
        // What each verb means, and the kinds of its operands: Sources/AscendCL/Table/verbs.tsv.
        #ifndef FLEXNPU_VERBS_H
        #define FLEXNPU_VERBS_H

        /// What the daemon is to do. In brackets the operands, after -> the reply words.
        enum {

        """
    for verb in table.verbs {
        text += "    // \(verb.meaning)\n"
        text += "    FX_VERB_\(verb.name) = \(verb.id),\(shape(verb))\n"
    }
    text += "};\n\n" + kindEnumeration() + verbRows(table)
    return text + "#endif\n"
}

/// `  // ask [address:address] -> …`
private func shape(_ verb: Verb) -> String {
    let operands = verb.operands.map { "\($0.name):\($0.kind.rawValue)" }.joined(separator: ", ")
    let replies = verb.replies.map { "\($0.name):\($0.kind.rawValue)" }.joined(separator: ", ")
    return "  // \(verb.asks.rawValue) [\(operands)]" + (replies.isEmpty ? "" : " -> \(replies)")
}

private func kindEnumeration() -> String {
    var text =
        "#ifdef FX_VERB_TABLE\n// The table of the verbs, for tests and tools.\n#include <stdint.h>\n\n"
    text += "enum fx_operand_kind {\n    FX_OPERAND_NONE,\n"
    for kind in OperandKind.allCases { text += "    \(kind.cName),\n" }
    return text + "};\n\n"
}

private func verbRows(_ table: VerbTable) -> String {
    let most = table.verbs.map(\.operands.count).max() ?? 1
    var text = """
        enum { FX_VERB_ASK = 1, FX_VERB_TELL = 2, FX_VERB_MAY_ASK = 3 };
        enum { FX_STREAM_NONE, FX_STREAM_OPTIONAL, FX_STREAM_RECORD };

        struct fx_verb {
            const char *name;   // NULL: there is no such verb
            uint8_t asks;       // FX_VERB_ASK …
            uint8_t stream;     // FX_STREAM_*
            uint8_t least;      // operands at least
            uint8_t takes_rest; // 1: and any number of values behind them
            uint8_t kinds[\(most + 1)];   // enum fx_operand_kind; a place takes two operands
        };

        static const struct fx_verb fx_verbs[256] = {

        """
    for verb in table.verbs {
        let asks =
            switch verb.asks {
            case .ask: "FX_VERB_ASK"
            case .tell: "FX_VERB_TELL"
            case .may: "FX_VERB_MAY_ASK"
            }
        let stream =
            switch verb.stream {
            case .record: "FX_STREAM_RECORD"
            case .optional: "FX_STREAM_OPTIONAL"
            case .none: "FX_STREAM_NONE"
            }
        let kinds = verb.operands.map(\.kind.cName) + ["FX_OPERAND_NONE"]
        text += "    [FX_VERB_\(verb.name)] = {\n        \"\(verb.name)\", \(asks), \(stream), "
        text += "\(verb.fixedWidth), \(verb.takesRest ? 1 : 0),\n"
        text += "        {\(kinds.joined(separator: ", "))},\n    },\n"
    }
    return text + "};\n#endif\n\n"
}

extension OperandKind {
    /// `FX_OPERAND_NEW_STREAM`
    var cName: String {
        self == .values ? "FX_OPERAND_VALUES" : "FX_OPERAND_" + snakeName(rawValue).uppercased()
    }
}

/// `defaultStream` as `default_stream`.
func snakeName(_ name: String) -> String {
    name.reduce(into: "") { text, letter in
        text += letter.isUppercase ? "_" + letter.lowercased() : String(letter)
    }
}
