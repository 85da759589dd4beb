extension APITable {
    /// The table that this build was made from. Read once, on first use; it takes a millisecond or two.
    package static let standard = APITable(functions: TableReader.functions())

    /// The libraries of CANN that the table's functions are in, in order of first use.
    package var libraries: [String] {
        var seen: Set<String> = []
        return functions.map(\.library).filter { seen.insert($0).inserted }
    }
}
