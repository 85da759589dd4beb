import Wire

/// Rows under headings, each column as wide as what is in it. Cells may hold anybody's words: they are
/// made printable.
package struct TextTable {
    package enum Alignment { case left, right }

    package struct Column {
        package var title: String
        package var alignment: Alignment
        package init(_ title: String, _ alignment: Alignment = .left) {
            self.title = title
            self.alignment = alignment
        }
    }

    package var columns: [Column]
    package private(set) var rows: [[String]] = []

    package init(_ columns: [Column]) { self.columns = columns }

    package mutating func append(_ row: [String]) { rows.append(row.map(\.printable)) }

    /// The heading and the rows, without spaces at the ends of lines.
    package func lines(style: Style = .plain) -> [String] {
        let widths = columns.indices.map { column in
            rows.reduce(columns[column].title.count) { max($0, cell($1, column).count) }
        }
        let heading = line(columns.map(\.title), widths)
        return [style.strong(heading)] + rows.map { line($0, widths) }
    }

    private func cell(_ row: [String], _ column: Int) -> String {
        column < row.count ? row[column] : ""
    }

    private func line(_ row: [String], _ widths: [Int]) -> String {
        var text = ""
        for (column, width) in widths.enumerated() {
            let content = cell(row, column)
            let padding = String(repeating: " ", count: max(0, width - content.count))
            if column > 0 { text += "  " }
            text += columns[column].alignment == .left ? content + padding : padding + content
        }
        while text.last == " " { text.removeLast() }
        return text
    }
}
