import Foundation

/// What crosses the C boundary for a type.
enum Boundary: Equatable {
    case void
    case integer(String)  // the C integer type
    case bool
    case float
    case double
    case pointer(const: Bool)
    case structure

    /// As C spells it.
    var c: String {
        switch self {
        case .void: "void"
        case .integer(let name): name
        case .bool: "bool"
        case .float: "float"
        case .double: "double"
        case .pointer(let const): const ? "const void *" : "void *"
        case .structure: "structure"
        }
    }

    var isPointer: Bool {
        if case .pointer = self { true } else { false }
    }
}

/// A parameter of a function of the table.
struct Parameter {
    var kind: Character
    var extent: String
    var type: String
    var name: String
    var boundary: Boundary

    /// How C declares it.
    var declaration: String {
        boundary.isPointer ? "\(boundary.c)\(cName)" : "\(boundary.c) \(cName)"
    }

    /// The name, made different from C's words and from what an entry point declares itself.
    var cName: String { Self.taken.contains(name) ? name + "_" : name }

    private static let taken: Set<String> = [
        "choice", "enter", "result", "words", "spans", "real", "arguments", "register", "default",
        "switch",
    ]
}

/// A function of the table, its class merged in.
struct Function {
    var id: Int
    var name: String
    var library: String
    var result: String
    var resultBoundary: Boundary
    var refusal: String
    var arguments: String  // class letters of a phase one, else empty
    var parameters: [Parameter]
    var isVariadic: Bool
    var functionClass: String
    var isPoll: Bool
    var reason: String
    var isHandwritten: Bool
    /// A query that is no plain question to the device library (queries.tsv).
    var isAnsweredByHand = false
    /// Of a phase one: bit n says that argument n travels with each launch.
    var travelling: UInt64 = 0
    /// Of a phase one: the id of the launch it prepares.
    var phaseTwo: Int?
    /// Of a launch: the id of a phase one that prepares it.
    var phaseOne: Int?

    /// Whether it is the second call of a two-phase operation, with the signature that they all
    /// have.
    var isLaunch: Bool {
        phaseOne != nil
    }

    var isRefused: Bool { functionClass == "refuse" }

    /// Whether it returns an error code; else it returns its answer.
    var resultIsCode: Bool { resultBoundary == .integer("int32_t") }

    /// Whether it returns how it went itself, 0 for well.
    var resultIsStatus: Bool {
        ["aclError", "aclnnStatus", "HcclResult", "rtError_t"].contains(result)
            && !Self.askAboutErrors.contains(name)
    }

    /// They return a code that is another call's.
    private static let askAboutErrors: Set<String> = ["aclrtPeekAtLastError", "aclrtGetLastError"]

    /// Whether it returns an object that it made, NULL where it fails.
    var makesObject: Bool {
        resultBoundary.isPointer && (name.hasPrefix("aclCreate") || name.hasPrefix("aclopCreate"))
    }

    /// The stream that a call is about: the parameter called so, else the last one of that type.
    var streamParameter: Parameter? {
        let streams = parameters.filter {
            ["aclrtStream", "const aclrtStream", "rtStream_t"].contains($0.type)
        }
        return streams.first { $0.name == "stream" } ?? streams.last
    }
}

/// FNV-1a over the bytes of the texts.
func fnvHash(_ texts: [String]) -> UInt64 {
    texts.lazy.flatMap(\.utf8).reduce(0xcbf2_9ce4_8422_2325) {
        ($0 ^ UInt64($1)) &* 0x100_0000_01b3
    }
}

/// The API table, as the project's data files say it.
struct Table {
    static let folder = "Sources/AscendCL/Table"
    /// Of a library's name in names.c, with its end.
    static let libraryNameBytes = 32
    static let classes = [
        "local", "query", "enqueue", "order", "wait", "handle", "memory", "refuse",
    ]

    private(set) var functions: [Function] = []
    private(set) var idsByName: [String: Int] = [:]
    let letters: LetterTable
    /// Symbols that the interposer exports besides the functions.
    private(set) var hooks: [String] = []
    /// Names of libraries that hold functions of the table under some version of CANN, besides
    /// those that `functions` names; and names that programs need and call nothing in.
    private(set) var furtherLibraries: [String] = []
    private(set) var emptyLibraries: [String] = []
    let repository: URL

    /// Every library with functions of the table; those that `functions` names come first.
    var libraries: [String] {
        var seen: [String] = []
        for function in functions where !seen.contains(function.library) {
            seen.append(function.library)
        }
        return seen + furtherLibraries
    }

    init(repository: URL) throws {
        self.repository = repository
        letters = try LetterTable(repository: repository)
        let types = try Self.loadTypes(repository)
        let classes = try ClassRules(repository: repository)
        let handwritten = try Self.names(repository, "handwritten.tsv", "function")
        let answeredByHand = try Self.names(repository, "queries.tsv", "function")
        hooks = try Self.names(repository, "hooks.tsv", "symbol")
        let file = try TabSeparated(
            repository: repository, path: Self.folder + "/functions.tsv",
            columns: ["name", "library", "result", "refusal", "arguments", "parameters"])
        for row in file.rows {
            let reader = RowReader(file: file, row: row, types: types)
            var function = try reader.function(id: functions.count, classes: classes)
            function.isHandwritten = handwritten.contains(function.name)
            function.isAnsweredByHand = answeredByHand.contains(function.name)
            try Self.check(function, file, row)
            guard idsByName.updateValue(function.id, forKey: function.name) == nil else {
                throw file.trouble(row, "\(function.name) is there twice")
            }
            functions.append(function)
        }
        try classes.checkAllUsed(names: functions.map(\.name))
        for name in handwritten + answeredByHand where idsByName[name] == nil {
            throw Trouble("\(Self.folder): \(name) is listed and not in functions.tsv")
        }
        try loadLibraries()
        try joinPhases()
        let rules = try ValueRules(repository: repository, letters: letters)
        for index in functions.indices where !functions[index].arguments.isEmpty {
            functions[index].travelling = rules.mask(of: functions[index])
        }
    }

    /// A 64-bit hash of everything the table says: program and daemon must agree on it.
    var hash: UInt64 {
        let rows = functions.map { function in
            let parameters = function.parameters.map {
                "\($0.kind)\($0.extent) \($0.type) \($0.name)"
            }
            return [
                function.name, function.library, function.result, function.refusal,
                function.arguments, String(function.travelling, radix: 16), function.functionClass,
                function.isPoll ? "poll" : "-",
                parameters.joined(separator: ";"),
            ].joined(separator: "\t")
        }
        return fnvHash(rows)
    }

    private mutating func loadLibraries() throws {
        let file = try TabSeparated(
            repository: repository, path: Self.folder + "/libraries.tsv",
            columns: ["library", "holds", "seen"])
        for row in file.rows {
            let name = row.cells[0]
            guard !libraries.contains(name), !emptyLibraries.contains(name) else {
                throw file.trouble(row, "\(name) is there twice, or in functions.tsv")
            }
            guard name.utf8.count < Self.libraryNameBytes else {
                throw file.trouble(row, "\(name) is longer than a name in names.c")
            }
            switch row.cells[1] {
            case "functions": furtherLibraries.append(name)
            case "nothing": emptyLibraries.append(name)
            default: throw file.trouble(row, "a library holds `functions` or `nothing`")
            }
        }
    }

    /// The first column of a list of names with reasons.
    private static func names(_ repository: URL, _ file: String, _ column: String) throws
        -> [String]
    {
        try TabSeparated(
            repository: repository, path: "\(folder)/\(file)", columns: [column, "reason"]
        ).rows.map { $0.cells[0] }
    }

    private static func loadTypes(_ repository: URL) throws -> [String: Boundary] {
        let file = try TabSeparated(
            repository: repository, path: folder + "/types.tsv", columns: ["type", "boundary"])
        var types: [String: Boundary] = ["void": .void]
        for row in file.rows {
            types[row.cells[0]] =
                switch row.cells[1] {
                case "pointer": .pointer(const: false)
                case "structure": .structure
                case "bool": .bool
                case "float": .float
                case "double": .double
                case let name
                where name == "size_t" || name.hasSuffix("int8_t")
                    || name.hasSuffix("int16_t") || name.hasSuffix("int32_t")
                    || name.hasSuffix("int64_t"):
                    .integer(name)
                default: throw file.trouble(row, "unknown boundary \(row.cells[1])")
                }
        }
        return types
    }

    private static func check(_ function: Function, _ file: TabSeparated, _ row: TabSeparated.Row)
        throws
    {
        let isOdd =
            function.isVariadic || function.parameters.contains { $0.boundary == .structure }
        if isOdd && !function.isHandwritten {
            throw file.trouble(
                row, "\(function.name) takes what C cannot pass on: list it in handwritten.tsv")
        }
        if (function.refusal == "-") != (function.resultBoundary == .void) {
            throw file.trouble(row, "\(function.name): a refusal value is needed, or - for void")
        }
    }

    private static let launchBoundary = ["void *", "uint64_t", "void *", "void *"]

    /// Pairs each GetWorkspaceSize with its launch. A name that ends in Tensor may share the launch
    /// of the name without it.
    private mutating func joinPhases() throws {
        let suffix = "GetWorkspaceSize"
        for index in functions.indices where !functions[index].arguments.isEmpty {
            guard functions[index].name.hasSuffix(suffix) else {
                throw Trouble("\(functions[index].name) has argument classes but is no \(suffix)")
            }
            let base = String(functions[index].name.dropLast(suffix.count))
            let shared = base.hasSuffix("Tensor") ? String(base.dropLast(6)) : base
            guard let two = idsByName[base] ?? idsByName[shared] else {
                throw Trouble("\(functions[index].name) has no launch")
            }
            functions[index].phaseTwo = two
            guard functions[two].parameters.map(\.boundary.c) == Self.launchBoundary else {
                throw Trouble("\(functions[two].name) has not the signature of a launch")
            }
            if functions[two].phaseOne == nil || idsByName[base] == two {
                functions[two].phaseOne = index
            }
        }
        for function in functions
        where function.functionClass == "enqueue" && function.name.hasPrefix("aclnn")
            && function.phaseOne == nil && function.phaseTwo == nil
        {
            throw Trouble(
                "\(function.name) is no two-phase operation: give it a class in classes.tsv")
        }
    }
}
