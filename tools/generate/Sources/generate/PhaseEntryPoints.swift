/// The two entry points of an aclnn operation.

/// A launch: all of them have one signature, so one function of the file does the work.
func launchPoint(_ function: Function) -> String {
    let names = function.parameters.map(\.cName).joined(separator: ", ")
    let head = "FX_ENTRY \(signature(function, prefix: "")) {\n"
    return head + "    return launch(FX_FUNCTION_\(function.name), \(names));\n}\n"
}

/// What the launches of a file share.
let sharedLaunch = """

    static int32_t launch(uint16_t id, void *workspace, uint64_t size, void *executor, void *stream) {
        const struct fx_choice choice = fx_choice(id);
        int32_t (*const real)(void *, uint64_t, void *, void *) = choice.real;
        if (fx_likely(choice.way == FX_WAY_FORWARD)) return real(workspace, size, executor, stream);
        if (choice.way == FX_WAY_ROUTE) {
            if (fx_functions[id].class != FX_CLASS_REFUSE) return fx_route_phase_two(id, executor, stream);
            return fx_refuse(id, FX_LAUNCH_REFUSED);
        }
        if (choice.way == FX_WAY_MISSING) return fx_missing(id, FX_LAUNCH_REFUSED);
        const uint64_t enter = fx_enter();
        const int32_t result = real(workspace, size, executor, stream);
        const uint64_t words[] = {(uint64_t)workspace, size, (uint64_t)executor, (uint64_t)stream};
        fx_leave(id, enter, result, (uint64_t)stream, words, 4, NULL, 0);
        return result;
    }

    """

/// A phase one. Its arguments are laid out once: route mode reads them, a record holds the same words.
func preparePoint(_ function: Function, _ letters: LetterTable) -> String {
    let id = "FX_FUNCTION_\(function.name)"
    let names = function.parameters.map(\.cName).joined(separator: ", ")
    let outs = function.parameters.suffix(2).map(\.cName).joined(separator: ", ")
    let items = zip(function.arguments, function.parameters).map { letter, parameter in
        switch letters[letter]?.passed {
        case .integer: "{.integer = (int64_t)\(parameter.cName)}"
        case .real: "{.real = \(parameter.cName)}"
        default: "{.pointer = \(parameter.cName)}"
        }
    }
    let shared = "\(id), \"\(function.arguments)\", arguments, \(outs)"
    let routedArguments =
        "\(id), \"\(function.arguments)\", 0x\(String(function.travelling, radix: 16)), arguments, \(outs)"
    let laidOut = "const union fx_argument arguments[] = {\(items.joined(separator: ", "))};"
    let routed =
        function.isRefused
        ? """
            if (choice.way == FX_WAY_ROUTE) return fx_refuse(\(id), \(function.refusal));
            \(laidOut)
        """
        : """
            \(laidOut)
            if (choice.way == FX_WAY_ROUTE) return fx_route_phase_one(\(routedArguments));
        """
    return """
        FX_ENTRY \(signature(function, prefix: "")) {
            const struct fx_choice choice = fx_choice(\(id));
            \(pointer(function, "real")) = choice.real;
            if (fx_likely(choice.way == FX_WAY_FORWARD)) return real(\(names));
            if (choice.way == FX_WAY_MISSING) return fx_missing(\(id), \(function.refusal));
        \(routed)
            const uint64_t enter = fx_enter();
            return prepared(\(shared), enter, real(\(names)));
        }

        """
}

/// What the phase ones of a file share: the record of a call that was made.
func sharedPrepare(most: Int) -> String {
    """

    #define FX_ARGUMENT_LIMIT \(most)

    static __attribute__((noinline)) int32_t prepared(
        uint16_t id, const char *classes, const union fx_argument *arguments, const void *workspace,
        const void *executor, uint64_t enter, int32_t result) {
        uint64_t words[FX_ARGUMENT_LIMIT + 2];
        struct fx_span spans[FX_ARGUMENT_LIMIT];
        unsigned count = 0, span_count = 0;
        for (; classes[count] && count < FX_ARGUMENT_LIMIT; count++) {
            memcpy(&words[count], &arguments[count], sizeof words[count]);
            if (classes[count] != 's') continue;
            const char *text = arguments[count].pointer;
            words[count] = 0;
            spans[span_count++] = (struct fx_span){(uint16_t)count, text, fx_text_bytes(text)};
        }
        words[count] = fx_out(workspace, 8, result == 0);
        words[count + 1] = fx_out(executor, 8, result == 0);
        fx_leave(id, enter, result, 0, words, count + 2, spans, span_count);
        return result;
    }

    """
}
