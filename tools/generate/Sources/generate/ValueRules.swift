import Foundation

/// Which arguments of an aclnn operation travel with each launch, from values.tsv.
struct ValueRules {
    private struct Rule {
        var letters: String
        var function: String
        var parameter: String
        var travels: Bool
    }

    private let rules: [Rule]

    init(repository: URL, letters: LetterTable) throws {
        let file = try TabSeparated(
            repository: repository, path: Table.folder + "/values.tsv",
            columns: ["letters", "function", "parameter", "travels", "reason"])
        rules = try file.rows.map { row in
            guard ["value", "plan"].contains(row.cells[3]), !row.cells[4].isEmpty else {
                throw file.trouble(row, "travels is value or plan, and a reason is needed")
            }
            guard row.cells[0] == "*" || row.cells[0].allSatisfy({ letters[$0]?.canTravel == true })
            else { throw file.trouble(row, "\(row.cells[0]): not all of these can travel") }
            return Rule(
                letters: row.cells[0], function: row.cells[1], parameter: row.cells[2],
                travels: row.cells[3] == "value")
        }
        guard rules.last?.letters == "*" else {
            throw Trouble("\(file.path): the last line is for *")
        }
    }

    /// Bit n: argument n travels. Tensors, which always do, and strings have none.
    func mask(of function: Function) -> UInt64 {
        let name = String(function.name.dropLast("GetWorkspaceSize".count))
        var mask: UInt64 = 0
        for (index, pair) in zip(function.arguments, function.parameters).enumerated()
        where !"TLs".contains(pair.0) && travels(pair.0, name, pair.1.name) {
            mask |= 1 << UInt64(index)
        }
        return mask
    }

    private func travels(_ letter: Character, _ function: String, _ parameter: String) -> Bool {
        rules.first {
            ($0.letters == "*" || $0.letters.contains(letter)) && fits($0.function, function)
                && fits($0.parameter, parameter)
        }?.travels ?? false
    }
}

/// Whether a name fits a pattern, in which * is any run of letters.
func fits(_ pattern: some StringProtocol, _ name: some StringProtocol) -> Bool {
    guard let first = pattern.first else { return name.isEmpty }
    if first != "*" { return name.first == first && fits(pattern.dropFirst(), name.dropFirst()) }
    let rest = pattern.dropFirst()
    return name.indices.contains { fits(rest, name[$0...]) } || fits(rest, name.suffix(0))
}
