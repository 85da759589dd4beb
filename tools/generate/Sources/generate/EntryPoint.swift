/// The C entry point of one function.
///
/// The way through is short on purpose: mode, real address, recorded byte (`fx_choice`), and a jump.
/// What is recorded comes after the call.
func entryPoint(_ function: Function, _ letters: LetterTable) -> String {
    if function.isLaunch { return launchPoint(function) }
    if function.phaseTwo != nil { return preparePoint(function, letters) }
    let id = "FX_FUNCTION_\(function.name)"
    let names = function.parameters.map(\.cName).joined(separator: ", ")
    let returns = function.resultBoundary != .void
    let refusal = returns ? "return \(function.refusal);" : "return;"
    let realCall = "real(\(names))"
    let forward = returns ? "return \(realCall);" : "{ \(realCall); return; }"

    var text = "FX_ENTRY \(signature(function, prefix: "")) {\n"
    text += "    const struct fx_choice choice = fx_choice(\(id));\n"
    text += "    \(pointer(function, "real")) = choice.real;\n"
    text += "    if (fx_likely(choice.way == FX_WAY_FORWARD)) \(forward)\n"
    text += routed(function, id: id, names: names, refusal: refusal)
    text += "    if (choice.way == FX_WAY_MISSING) "
    text += "{ fx_missing(\(id), \(refusalCode(function))); \(refusal) }\n"
    text += "    const uint64_t enter = fx_enter();\n"
    text +=
        returns
        ? "    \(declared(function.resultBoundary, "result")) = \(realCall);\n"
        : "    \(realCall);\n"
    text += recorded(function, id: id)
    if returns { text += "    return result;\n" }
    return text + "}\n"
}

/// `int32_t name(void *a, size_t b)`
func signature(_ function: Function, prefix: String) -> String {
    let parameters = function.parameters.map(\.declaration).joined(separator: ", ")
    let result =
        function.resultBoundary.isPointer ? resultType(function) : resultType(function) + " "
    return "\(result)\(prefix)\(function.name)(\(parameters.isEmpty ? "void" : parameters))"
}

private func resultType(_ function: Function) -> String {
    function.result == "const char *" ? "const char *" : function.resultBoundary.c
}

/// `int32_t (*const name)(void *, size_t)`
func pointer(_ function: Function, _ name: String) -> String {
    let parameters = function.parameters.map(\.boundary.c).joined(separator: ", ")
    let result =
        function.resultBoundary.isPointer ? resultType(function) : resultType(function) + " "
    return "\(result)(*const \(name))(\(parameters.isEmpty ? "void" : parameters))"
}

private func declared(_ boundary: Boundary, _ name: String) -> String {
    if case .pointer(let const) = boundary {
        return const ? "const char *const \(name)" : "void *const \(name)"
    }
    return "const \(boundary.c) \(name)"
}

/// The code of a refusal, also where the function returns something else.
private func refusalCode(_ function: Function) -> String {
    function.resultIsStatus ? function.refusal : "FX_ERROR_RUNTIME_UNSUPPORTED"
}

/// What the entry point does when the daemon executes the work.
private func routed(_ function: Function, id: String, names: String, refusal: String) -> String {
    let route: String
    if function.isRefused {
        route = "fx_refuse(\(id), \(refusalCode(function))); \(refusal)"
    } else if function.resultIsStatus {
        route = "return fx_outcome(\(id), fx_route_\(function.name)(\(names)));"
    } else if function.makesObject {
        route =
            "return fx_outcome_object(\(id), fx_route_\(function.name)(\(names)), "
            + "FX_ERROR_INVALID_ARGUMENT);"
    } else if function.resultBoundary == .void {
        route = "fx_route_\(function.name)(\(names)); return;"
    } else {
        route = "return fx_route_\(function.name)(\(names));"
    }
    return "    if (choice.way == FX_WAY_ROUTE) { \(route) }\n"
}

/// The record of the call: one word a parameter, spans for what words cannot hold.
private func recorded(_ function: Function, id: String) -> String {
    var words: [String] = []
    var spans: [String] = []
    let ok =
        switch function.resultBoundary {
        case .integer("int32_t"): "result == 0"
        case .pointer: "result != NULL"
        default: "true"
        }
    for (index, parameter) in function.parameters.enumerated() {
        let name = parameter.cName
        switch parameter.kind {
        case "o": words.append("fx_out(\(name), \(parameter.extent), \(ok))")
        case "f": words.append("fx_bits(\(name))")
        case "s":
            words.append("0")
            spans.append("{\(index), \(name), fx_text_bytes(\(name))}")
        case "y", "v":
            words.append("0")
            spans.append("{\(index), \(name), \(spanBytes(function, parameter))}")
        default: words.append("(uint64_t)\(name)")
        }
    }
    var status = "0"
    switch function.resultBoundary {
    case .void: break
    case .pointer, .integer("size_t"), .integer("int64_t"), .integer("uint64_t"):
        words.append("(uint64_t)result")
    case .float, .double: words.append("fx_bits(result)")
    default: status = "(int32_t)result"
    }
    var text = ""
    if !words.isEmpty {
        text += "    const uint64_t words[] = {\(words.joined(separator: ", "))};\n"
    }
    if !spans.isEmpty {
        text += "    const struct fx_span spans[] = {\(spans.joined(separator: ", "))};\n"
    }
    let stream = function.streamParameter.map { "(uint64_t)\($0.cName)" } ?? "0"
    text +=
        "    fx_leave(\(id), enter, \(status), \(stream), \(words.isEmpty ? "NULL" : "words"), \(words.count), "
    return text + "\(spans.isEmpty ? "NULL" : "spans"), \(spans.count));\n"
}

private func spanBytes(_ function: Function, _ parameter: Parameter) -> String {
    let extent = parameter.extent.split(separator: "*")
    let counter = function.parameters.first { $0.name == extent[0] }
    let count = counter?.cName ?? String(extent[0])
    if counter?.type == "aclDataType" {
        return "fx_span_bytes(\(parameter.cName), 1, fx_type_bytes(\(count)))"
    }
    let size = parameter.kind == "v" ? "8" : extent.count > 1 ? String(extent[1]) : "1"
    return "fx_span_bytes(\(parameter.cName), (uint64_t)\(count), \(size))"
}
