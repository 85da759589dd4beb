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
        /// Whether a library of the device's has it that libflexnpu.so stands for; nil when none was
        /// given.
        var offered: Bool?
        /// Whether the program cannot do without it: the dynamic linker must find it.
        var isNeeded: Bool
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
    ///
    /// - Parameters:
    ///   - device: What a device library has, of which the table may lack something.
    ///   - readsConstants: Which files are searched for names that dlsym may be asked for.
    init(
        roots: [String], search: LibrarySearch, table: APITable, device: DeviceLibrary?,
        readsConstants: (ObjectFile) -> Bool = { _ in true }
    ) throws(ObjectFileError) {
        let providers = Set(APITable.linkNames + [FittedLibrary.fileName])
        let closure = try search.closure(of: roots) { providers.contains($0) }
        let rules = Rules(
            table: table, device: device, offered: device?.names(in: providers) ?? [],
            defined: closure.objects.reduce(into: []) {
                $0.formUnion($1.defined)
                $0.formUnion($1.linkable)
            })
        objectCount = closure.objects.count
        missing = closure.missing.map { Missing(name: $0.name, neededBy: $0.neededBy) }
        for object in closure.objects {
            let names =
                readsConstants(object)
                ? try object.embeddedNames(lengths: 5...96, where: rules.isAscendCL) : []
            let found = rules.uses(of: object, names: names)
            escapeCount += found.escapes.count
            if !found.functions.isEmpty || !found.escapes.isEmpty { objects.append(found) }
        }
    }

    /// What decides whether a symbol is a function of AscendCL, known or not.
    private struct Rules {
        var table: APITable
        var device: DeviceLibrary?
        /// What the device's libraries define that libflexnpu.so stands for.
        var offered: Set<String>
        /// What the program's own libraries define.
        var defined: Set<String>

        func isAscendCL(_ name: String) -> Bool {
            table.function(named: name) != nil || looksLikeAscendCL(name)
        }

        func uses(of object: ObjectFile, names: Set<String>) -> Object {
            var found = Object(path: object.path, functions: [], escapes: [])
            let uses =
                object.undefined.sorted().map { ($0, Use.imports) }
                + names.subtracting(object.undefined).sorted().map { ($0, Use.names) }
            for (name, use) in uses where !defined.contains(name) {
                if let function = table.function(named: name) {
                    let isRefused = function.functionClass == .refuse
                    found.functions.append(
                        Function(
                            name: name, use: use, class: function.functionClass.rawValue,
                            reason: isRefused ? function.reason : nil,
                            offered: device.map { $0.names.contains(name) }))
                } else if looksLikeAscendCL(name) || use == .imports && offered.contains(name) {
                    found.escapes.append(
                        Escape(
                            name: name, use: use,
                            offered: device.map { _ in offered.contains(name) },
                            isNeeded: use == .imports && !object.weaklyUndefined.contains(name)))
                }
            }
            return found
        }
    }
}
