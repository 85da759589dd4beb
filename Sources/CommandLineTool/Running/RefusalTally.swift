import AscendCL
import Glibc
import SharedRing
import Wire

/// Counters that libflexnpu.so keeps in a program and its children: calls that were refused, and
/// names that were looked up. Read when the program is over.
struct RefusalTally {
    private let counters: TallyCounters

    init() throws { counters = try TallyCounters(processID: getpid()) }

    /// Where a program finds the counters, as long as this process lives.
    var path: String { counters.path }

    /// The list with which a run closes: each function with how often, and why; nothing where
    /// nothing was refused and everything was found.
    ///
    /// - Parameter offered: What programs find by name.
    func lines(offered: Set<String>, table: APITable = .standard) -> [String] {
        var rows: [String] = []
        for function in table.functions {
            let id = Int(function.id.rawValue)
            let refused = counters.refused(id)
            let sought = offered.contains(function.name) ? 0 : counters.sought(id)
            if refused > 0 {
                let isLacking = function.functionClass != .refuse
                let why = isLacking ? "the device library does not have it" : function.reason
                rows.append("  \(function.name)  refused \(Self.times(refused)): \(why)")
            }
            if sought > 0 {
                rows.append(
                    "  \(function.name)  looked for \(Self.times(sought)) and not found: "
                        + "the device library does not have it")
            }
        }
        guard !rows.isEmpty else { return [] }
        return ["flexnpu run: refused or not found:"] + rows
    }

    private static func times(_ count: UInt32) -> String {
        count == 1 ? "once" : "\(count) times"
    }
}
