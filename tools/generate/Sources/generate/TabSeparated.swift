import Foundation

/// A file of tab-separated values: `#` lines are comments, the first other line names the columns.
struct TabSeparated {
    struct Row {
        var line: Int
        var cells: [String]
    }

    let path: String
    let rows: [Row]

    init(repository: URL, path: String, columns: [String]) throws {
        self.path = path
        let text: String
        do {
            text = try String(contentsOf: repository.appendingPathComponent(path), encoding: .utf8)
        } catch {
            throw Trouble("\(path): \(error.localizedDescription)")
        }
        var rows: [Row] = []
        var header: [String]?
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() where !line.isEmpty && !line.hasPrefix("#") {
            let cells = line.split(separator: "\t", omittingEmptySubsequences: false).map(
                String.init)
            if header == nil {
                header = cells
                guard cells == columns else {
                    throw Trouble("\(path):\(index + 1): columns \(cells), expected \(columns)")
                }
                continue
            }
            guard cells.count == columns.count else {
                throw Trouble(
                    "\(path):\(index + 1): \(cells.count) cells, expected \(columns.count)")
            }
            rows.append(Row(line: index + 1, cells: cells))
        }
        guard header != nil else { throw Trouble("\(path): no line with the column names") }
        self.rows = rows
    }

    func trouble(_ row: Row, _ message: String) -> Trouble {
        Trouble("\(path):\(row.line): \(message)")
    }
}
