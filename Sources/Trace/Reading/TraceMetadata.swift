package import AscendCL
package import Wire

/// A field of a call: a parameter, or the 64-bit result.
struct CallField {
    var type: FieldType
    /// 0: one value. Else the bytes of the count of elements that comes before them.
    var countBytes = 0
}

/// A class of events, as the metadata declares it.
///
/// Plain numbers only: it is looked at for every event.
struct EventClass {
    var kind: EventKind
    var function: FunctionID
    var common = CallCommon()
    var kernel = KernelShape(signatureBytes: 2, addressBytes: 4)
    var operation = OperationEventShape(waitBytes: 2, runBytes: 2, noticeBytes: 1, isNarrow: true)
    var decision = DecisionShape(isNarrow: true, isOperation: true, hasNote: false)
    /// Its fields among all fields of the metadata.
    var fields = 0..<0
}

/// A class of records: its function, and what follows the head.
struct RecordClass {
    var function = FunctionID(rawValue: 0)
    /// Nil: not declared.
    var form: RecordForm?
}

/// What the metadata of a trace says. It reads the metadata that `TraceWriter` writes, a line a
/// class, not the whole language.
struct TraceMetadata {
    private(set) var environment: [String: String] = [:]
    private(set) var clock = TraceClock(wallOffsetNanoseconds: 0)
    private(set) var uuid = ""
    /// By stream class, then by identifier.
    private(set) var classes: [[EventClass?]] = [[], []]
    /// The classes of records, by identifier.
    private(set) var records: [RecordClass] = []
    private(set) var fields: [CallField] = []
    private(set) var names = FunctionNames()
    private let source: String

    init(_ bytes: [UInt8], table: APITable, file: String = TraceFormat.metadataName)
        throws(TraceError)
    {
        source = file
        names = FunctionNames(table: table)
        let text = String(decoding: bytes, as: UTF8.self)
        guard text.hasPrefix("/* CTF 1.8 */") else {
            throw TraceError(
                .foreign, file: file, offset: 0, "no CTF 1.8 metadata in plain text",
                remedy: "only traces of FlexNPU are read here; babeltrace2 reads others")
        }
        var version: Int?
        var offset = 0
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            defer { offset += line.utf8.count + 1 }
            let isWhole = offset + line.utf8.count < bytes.count
            if line.hasPrefix("event {") {
                // A line without its end was cut off while it was written; nothing uses it yet.
                guard isWhole else { continue }
                guard declare(line) else {
                    throw TraceError(
                        .damaged, file: file, offset: offset, "an event class that is not ours")
                }
            } else if let (key, value) = assignment(line) {
                read(key, value, version: &version)
            }
        }
        guard let version else {
            throw TraceError(
                .foreign, file: file, "not written by FlexNPU (its environment has no version)",
                remedy: "babeltrace2 reads traces of others")
        }
        guard version <= TraceFormat.version else {
            throw TraceError(
                .newer, file: file,
                "the trace has version \(version), this program reads up to \(TraceFormat.version)",
                remedy: "read it with the FlexNPU that wrote it, or a later one")
        }
    }

    private mutating func read(_ key: String, _ value: String, version: inout Int?) {
        switch key {
        case "flexnpu_trace_version": version = Int(value)
        case "freq": clock.frequency = UInt64(value) ?? 1_000_000_000
        case "offset_s":
            clock.wallOffsetNanoseconds &+= (Int64(value) ?? 0) &* 1_000_000_000
        case "offset": clock.wallOffsetNanoseconds &+= Int64(value) ?? 0
        case "uuid": uuid = value
        default: if key.hasPrefix("_") { environment[String(key.dropFirst())] = value }
        }
    }

    /// `key = value;` with the value unquoted.
    private func assignment(_ line: Substring) -> (String, String)? {
        guard line.hasPrefix("    "), line.hasSuffix(";"), let sign = line.range(of: " = ") else {
            return nil
        }
        let key = line[line.startIndex..<sign.lowerBound].drop { $0 == " " }
        let value = line[sign.upperBound...].dropLast()
        guard !key.contains(" ") else { return nil }
        return (String(key), unquoted(value))
    }

    private func unquoted(_ text: Substring) -> String {
        guard text.hasPrefix("\""), text.count > 1 else { return String(text) }
        var out = ""
        var isEscaped = false
        for character in text.dropFirst().dropLast() {
            if isEscaped {
                out.append(character == "n" ? "\n" : character == "t" ? "\t" : character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else {
                out.append(character)
            }
        }
        return out
    }

    /// Reads a line of `EventClassRegistry.declare`.
    private mutating func declare(_ line: Substring) -> Bool {
        guard let identifier = between(line, "id = ", ";").flatMap({ Int($0) }),
            let stream = between(line, "stream_id = ", ";").flatMap({ Int($0) }),
            let name = between(line, "name = ", "; stream_id"),
            let uri = between(line, "model.emf.uri = \"", "\""),
            let fieldText = between(line, "fields := ", "; };"),
            uri.hasPrefix(TraceFormat.origin), identifier >= 0, identifier < 1 << 20,
            let kind = EventKind(rawValue: String(uri.dropFirst(TraceFormat.origin.count)))
        else { return false }
        if stream == Int(TraceFormat.recordStream) {
            return declareRecord(UInt16(clamping: identifier), kind, unquoted(name))
        }
        guard classes.indices.contains(stream) else { return false }
        var title = unquoted(name)
        if kind == .operation { title = String(title.dropFirst("operation:".count)) }
        let isAboutFunction = [.call, .kernel, .plain, .operation].contains(kind)
        var made = EventClass(
            kind: kind,
            function: isAboutFunction ? names.identifier(of: title) : FunctionID(rawValue: 0))
        if let context = between(line, "context := struct ", ";") {
            guard let common = CallCommon.all.first(where: { $0.structure == context }) else {
                return false
            }
            made.common = common
        }
        guard describe(&made, fieldText) else { return false }
        while classes[stream].count <= identifier { classes[stream].append(nil) }
        classes[stream][identifier] = made
        return true
    }

    private mutating func declareRecord(
        _ identifier: UInt16, _ kind: EventKind, _ name: String
    ) -> Bool {
        guard let form = RecordForm.allCases.first(where: { $0.kind == kind }) else { return false }
        while records.count <= Int(identifier) { records.append(RecordClass()) }
        records[Int(identifier)] = RecordClass(function: names.identifier(of: name), form: form)
        return true
    }

    private mutating func describe(_ made: inout EventClass, _ text: Substring) -> Bool {
        switch made.kind {
        case .kernel:
            let shapes = KernelShape.all + KernelShape.earlier
            guard let shape = shapes.first(where: { "struct \($0.structure)" == text })
            else { return false }
            made.kernel = shape
        case .operation:
            let shapes = OperationEventShape.all + OperationEventShape.earlier
            guard let shape = shapes.first(where: { "struct \($0.structure)" == text }) else {
                return false
            }
            made.operation = shape
        case .decision:
            guard let shape = DecisionShape.all.first(where: { "struct \($0.structure)" == text })
            else { return false }
            made.decision = shape
        case .call:
            guard let parsed = callFields(text) else { return false }
            made.fields = fields.count..<fields.count + parsed.count
            fields += parsed
        default: break
        }
        return true
    }

    /// `struct { u16 _a; u32 length_of_b; x8 _b[length_of_b]; }`
    private func callFields(_ text: Substring) -> [CallField]? {
        var fields: [CallField] = []
        var countBytes = 0
        for part in text.dropFirst("struct {".count).dropLast().split(separator: ";") {
            let words = part.split(separator: " ")
            guard words.count == 2, let type = FieldType(name: words[0]) else {
                if words.isEmpty { continue }
                return nil
            }
            if words[1].hasPrefix("length_of_"), !words[1].hasSuffix("]") {
                countBytes = type.bytes
            } else {
                fields.append(CallField(type: type, countBytes: countBytes))
                countBytes = 0
            }
        }
        return fields
    }

    private func between(_ text: Substring, _ before: String, _ after: String) -> Substring? {
        guard let start = text.range(of: before)?.upperBound,
            let end = text[start...].range(of: after)?.lowerBound
        else { return nil }
        return text[start..<end]
    }
}

/// The names of the functions in a trace, which may have been written with another table.
package struct FunctionNames: Sendable {
    package let table: APITable
    private var strangers: [String] = []
    private var known: [String: FunctionID] = [:]

    init(table: APITable = APITable(functions: [])) { self.table = table }

    /// Functions that the table lacks get ids from the top.
    mutating func identifier(of name: String) -> FunctionID {
        if let found = table.function(named: name) { return found.id }
        if let found = known[name] { return found }
        let made = FunctionID(rawValue: UInt16(clamping: max(0, 0xffff - strangers.count)))
        strangers.append(name)
        known[name] = made
        return made
    }

    package subscript(id: FunctionID) -> String {
        if let found = table[id] { return found.name }
        let index = 0xffff - Int(id.rawValue)
        return strangers.indices.contains(index) ? strangers[index] : "function-\(id.rawValue)"
    }
}

extension Substring {
    /// Where `other` first occurs.
    fileprivate func range(of other: String) -> Range<Index>? {
        let wanted = Array(other.utf8)
        let view = utf8
        var start = view.startIndex
        while start < view.endIndex {
            if view[start] == wanted.first, view[start...].starts(with: wanted) {
                return start..<view.index(start, offsetBy: wanted.count)
            }
            start = view.index(after: start)
        }
        return nil
    }
}
