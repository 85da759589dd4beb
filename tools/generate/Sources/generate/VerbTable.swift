import Foundation

/// What an operand or a reply word is; the closed list of kinds.
enum OperandKind: String, CaseIterable {
    case context, stream, event
    case newContext, newStream, newEvent
    case device, address, byteCount, place
    case plan, newPlan, function
    case flags, number, milliseconds, coreCount, range
    /// All operands from here on.
    case values = "value..."

    /// Operands that one of this kind takes; nil for the rest of them.
    var width: Int? {
        switch self {
        case .values: nil
        case .place: 2
        default: 1
        }
    }

    /// What Swift gets once the reader has checked it.
    var swiftType: String {
        switch self {
        case .context: "ContextSlot"
        case .stream: "StreamSlot"
        case .event: "EventSlot"
        case .newContext, .newStream, .newEvent, .address, .flags, .number, .range: "UInt64"
        case .device: "DeviceID"
        case .byteCount, .newPlan, .coreCount: "Int"
        case .place: "CopyPlace"
        case .plan: "Plan"
        case .function: "APIFunction"
        case .milliseconds: "Int64?"
        case .values: "Range<Int>"
        }
    }

    /// Whether the reader can find the operand wrong.
    var isChecked: Bool {
        switch self {
        case .address, .flags, .number, .range, .values: false
        default: true
        }
    }
}

/// An operand or a reply word of a verb.
struct Operand {
    var name: String
    var kind: OperandKind
}

/// One row of verbs.tsv.
struct Verb {
    enum Asking: String {
        case ask
        case tell
        case may
    }
    enum Stream: String {
        case record
        case optional
        case none = "-"
    }

    var name: String
    var id: Int
    var asks: Asking
    var stream: Stream
    var operands: [Operand]
    var replies: [Operand]
    var bytes: String
    var meaning: String

    /// `EVENT_WAIT` as `eventWait`.
    var camelName: String {
        let words = name.lowercased().split(separator: "_")
        return words.dropFirst().reduce(String(words[0])) { $0 + $1.capitalized }
    }
    /// `EVENT_WAIT` as `EventWait`.
    var typeName: String { camelName.prefix(1).uppercased() + camelName.dropFirst() }

    /// Operands before the ones that take all the rest.
    var fixedWidth: Int { operands.reduce(0) { $0 + ($1.kind.width ?? 0) } }
    var takesRest: Bool { operands.last?.kind == .values }
    var repliesWithRest: Bool { replies.last?.kind == .values }
}

/// The verbs of the wire, as verbs.tsv says them.
struct VerbTable {
    static let path = Table.folder + "/verbs.tsv"
    private static let replyLimit = 4

    let verbs: [Verb]

    init(repository: URL) throws {
        let file = try TabSeparated(
            repository: repository, path: Self.path,
            columns: [
                "verb", "id", "asks", "stream", "operands", "replies", "bytes", "meaning",
            ])
        var names: Set<String> = []
        var ids: Set<Int> = []
        verbs = try file.rows.map { row in
            let verb = try Self.verb(file, row)
            guard names.insert(verb.name).inserted, ids.insert(verb.id).inserted else {
                throw file.trouble(row, "the verb or its id is there twice")
            }
            return verb
        }
    }

    /// A 64-bit hash of what goes over the wire.
    var hash: UInt64 {
        fnvHash(
            verbs.map { verb in
                let words = (verb.operands + verb.replies).map(\.kind.rawValue)
                return "\(verb.name) \(verb.id) \(verb.asks) \(verb.stream) \(words)"
            })
    }

    private static func verb(_ file: TabSeparated, _ row: TabSeparated.Row) throws -> Verb {
        guard let id = Int(row.cells[1]), (0..<256).contains(id) else {
            throw file.trouble(row, "the id is a number below 256, not \(row.cells[1])")
        }
        guard let asks = Verb.Asking(rawValue: row.cells[2]) else {
            throw file.trouble(row, "asks is ask, tell or may, not \(row.cells[2])")
        }
        guard let stream = Verb.Stream(rawValue: row.cells[3]) else {
            throw file.trouble(row, "stream is record, optional or -, not \(row.cells[3])")
        }
        let verb = Verb(
            name: row.cells[0], id: id, asks: asks, stream: stream,
            operands: try operands(row.cells[4], file, row),
            replies: try operands(row.cells[5], file, row),
            bytes: row.cells[6] == "-" ? "" : row.cells[6], meaning: row.cells[7])
        guard asks != .tell || verb.replies.isEmpty else {
            throw file.trouble(row, "\(verb.name) is told, so nothing replies")
        }
        guard verb.replies.count <= replyLimit else {
            throw file.trouble(row, "\(verb.name): a reply has \(replyLimit) words at most")
        }
        return verb
    }

    private static func operands(
        _ cell: String, _ file: TabSeparated, _ row: TabSeparated.Row
    ) throws -> [Operand] {
        guard cell != "-" else { return [] }
        let operands = try cell.split(separator: " ").map { text in
            let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
            guard parts.count == 2, let kind = OperandKind(rawValue: parts[1]) else {
                throw file.trouble(row, "cannot read the operand \(text) (name:kind)")
            }
            return Operand(name: parts[0], kind: kind)
        }
        guard operands.dropLast().allSatisfy({ $0.kind != .values }) else {
            throw file.trouble(row, "only the last operand takes the rest")
        }
        return operands
    }
}
