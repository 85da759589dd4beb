import AscendCL
import ObjectFile

/// What of AscendCL a program and its libraries ask for.
struct Inspection: Encodable {
    /// How a name was found.
    enum Use: String, Encodable {
        /// An undefined symbol: the dynamic linker looks for it.
        case imports
        /// A string in its constants: it may look for it with dlsym.
        case names
    }

    struct Function: Encodable {
        var name: String
        var use: Use
        var `class`: String
        var reason: String?
        /// Whether the device library has it; nil when none was given.
        var offered: Bool?
    }

    struct Escape: Encodable {
        var name: String
        var use: Use
    }

    struct Object: Encodable {
        var path: String
        var functions: [Function]
        var escapes: [Escape]
    }

    struct Missing: Encodable {
        var name: String
        var neededBy: String
    }

    /// Those that ask for anything; others are counted only.
    var objects: [Object] = []
    var objectCount = 0
    /// Libraries that were not found where the program would look.
    var missing: [Missing] = []

    var escapeCount = 0

    /// Reads `roots` and every library that they need, up to CANN's own.
    init(
        roots: [String], search: LibrarySearch, table: APITable, device: DeviceLibrary?
    ) throws(ObjectFileError) {
        let providers = Set(table.linkNames + [FittedLibrary.fileName])
        let closure = try search.closure(of: roots) { providers.contains($0) }
        let defined = closure.objects.reduce(into: Set<String>()) { $0.formUnion($1.defined) }
        objectCount = closure.objects.count
        missing = closure.missing.map { Missing(name: $0.name, neededBy: $0.neededBy) }
        for object in closure.objects {
            var found = Object(path: object.path, functions: [], escapes: [])
            let strings = try object.embeddedNames(lengths: 5...96) {
                table.function(named: $0) != nil || looksLikeAscendCL($0)
            }
            let uses =
                object.undefined.sorted().map { ($0, Use.imports) }
                + strings.subtracting(object.undefined).sorted().map { ($0, Use.names) }
            for (name, use) in uses where !defined.contains(name) {
                if let function = table.function(named: name) {
                    let isRefused = function.functionClass == .refuse
                    found.functions.append(
                        Function(
                            name: name, use: use, class: function.functionClass.rawValue,
                            reason: isRefused ? function.reason : nil,
                            offered: device.map { $0.names.contains(name) }))
                } else if looksLikeAscendCL(name) {
                    found.escapes.append(Escape(name: name, use: use))
                }
            }
            escapeCount += found.escapes.count
            if !found.functions.isEmpty || !found.escapes.isEmpty { objects.append(found) }
        }
    }
}
