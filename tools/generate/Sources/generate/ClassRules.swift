import Foundation

/// What each function is, from classes.tsv: the longest matching name or `prefix*` decides.
struct ClassRules {
    struct Rule {
        var functionClass: String
        var isPoll: Bool
        var reason: String
    }

    private var exact: [String: Rule] = [:]
    private var families: [(prefix: String, rule: Rule)] = []

    init(repository: URL) throws {
        let file = try TabSeparated(
            repository: repository, path: Table.folder + "/classes.tsv",
            columns: ["function", "class", "poll", "reason"])
        for row in file.rows {
            let name = row.cells[0]
            guard Table.classes.contains(row.cells[1]) else {
                throw file.trouble(row, "unknown class \(row.cells[1])")
            }
            guard (row.cells[1] == "refuse") == (row.cells[3] != "-") else {
                throw file.trouble(row, "a refused function needs a reason, another has none (-)")
            }
            guard row.cells[2] == "-" || row.cells[2] == "poll" else {
                throw file.trouble(row, "poll is `poll` or -")
            }
            let rule = Rule(
                functionClass: row.cells[1], isPoll: row.cells[2] == "poll",
                reason: row.cells[3] == "-" ? "" : row.cells[3])
            if name.hasSuffix("*") {
                families.append((String(name.dropLast()), rule))
            } else if exact.updateValue(rule, forKey: name) != nil {
                throw file.trouble(row, "\(name) is there twice")
            }
        }
        families.sort { $0.prefix.utf8.count > $1.prefix.utf8.count }
        guard families.last?.prefix == "" else {
            throw Trouble("\(file.path): a line for * is needed")
        }
    }

    func rule(for name: String) -> Rule {
        if let rule = exact[name] { return rule }
        for family in families where name.hasPrefix(family.prefix) { return family.rule }
        return Rule(functionClass: "refuse", isPoll: false, reason: "not carried")
    }

    /// A line about a function that is not in the table is a slip of the pen.
    func checkAllUsed(names: [String]) throws {
        let known = Set(names)
        for name in exact.keys.sorted() where !known.contains(name) {
            throw Trouble("\(Table.folder)/classes.tsv: \(name) is not in functions.tsv")
        }
    }
}
