import Foundation

/// Writes every generated file of the repository from the tables, or says which differ.
@main
struct Generate {
    static func main() {
        do {
            try run(Array(CommandLine.arguments.dropFirst()))
        } catch {
            FileHandle.standardError.write(Data("generate: \(error)\n".utf8))
            exit(2)
        }
    }

    static func run(_ arguments: [String]) throws {
        var check = false
        var root: URL?
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "--check": check = true
            case "--root":
                guard let path = rest.popFirst() else { throw Trouble("--root needs a folder") }
                root = URL(fileURLWithPath: path)
            default:
                throw Trouble(
                    "unknown argument \(argument); usage: generate [--check] [--root FOLDER]")
            }
        }
        let repository = try root ?? findRepository()
        let table = try Table(repository: repository)
        let facts = try Facts(repository: repository)
        let queries = try PlainQuery.all(table)
        let verbs = try VerbTable(repository: repository)
        let offers = try Offer.load(repository: repository, table: table)

        var output = OutputSet(repository: repository)
        output.add(functionHeader(table, verbs), at: "Sources/CWire/include/flexnpu_functions.h")
        output.add(verbHeader(verbs), at: "Sources/CWire/include/flexnpu_verbs.h")
        output.add(verbSenders(verbs), at: "Sources/CInterposer/Generated/senders.h")
        output.add(verbOperands(verbs), at: "Sources/Daemon/Generated/Operands.swift")
        output.add(facts.header, at: "Sources/CInterposer/Generated/codes.h")
        output.add(facts.swift, at: "Sources/Wire/Generated/AclFacts.swift")
        addInterposer(table, queries, to: &output)
        addSwiftTable(table, to: &output)
        output.add(
            argumentClasses(table.letters), at: "Sources/Wire/Generated/ArgumentClass.swift")
        addDevice(table, offers, to: &output)

        guard check else {
            let written = try output.write()
            print("\(output.count) generated files, \(written) changed")
            return
        }
        let stale = output.differences()
        guard !stale.isEmpty else { return }
        for path in stale { print("differs: \(path)") }
        print("run: swift run --package-path tools/generate generate")
        exit(1)
    }

    /// The nearest folder above the current one that holds the table.
    private static func findRepository() throws -> URL {
        var folder = URL(fileURLWithPath: FileManager.default.currentDirectoryPath)
        while folder.path != "/" {
            let table = folder.appendingPathComponent(Table.folder + "/functions.tsv")
            if FileManager.default.fileExists(atPath: table.path) { return folder }
            folder.deleteLastPathComponent()
        }
        throw Trouble(
            "no \(Table.folder)/functions.tsv here or above: run inside the repository, or use --root"
        )
    }
}

/// Something wrong with the input, said so that it can be put right.
struct Trouble: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}
