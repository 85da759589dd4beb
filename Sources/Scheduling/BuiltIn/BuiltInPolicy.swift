/// The policies that are compiled in, by the names that commands take.
package enum BuiltInPolicy: String, CaseIterable, Sendable {
    case fifo, fair, passthrough

    /// A fresh one.
    package func make() -> any Policy {
        switch self {
        case .fifo: FIFOPolicy()
        case .fair: FairPolicy()
        case .passthrough: FIFOPolicy.passthrough()
        }
    }

    /// "fifo, fair and passthrough", for messages and help.
    package static var listed: String {
        let names = allCases.map(\.rawValue)
        return names.dropLast().joined(separator: ", ") + " and " + names.suffix(1).joined()
    }
}
