extension TraceDiff {
    /// How two traces differ.
    package struct Report: Codable, Sendable, Equatable {
        /// How many things differ. A change that is the same at every pass of its place in the
        /// program is one.
        package var differences: Int
        package var groups: [Group]
        /// How long functions took, apart from the structure. Never a difference.
        package var timing: [Timing]
        /// What could not be compared, and what was left out on purpose.
        package var notes: [String]
        package var callsBefore: Int
        package var callsAfter: Int
    }

    /// One difference, or several of the same kind.
    package struct Group: Codable, Sendable, Equatable {
        package enum Kind: String, Codable, Sendable {
            case changed
            case removed
            case added
            case replaced
            /// A whole thread or program that has no counterpart.
            case client
            case thread
            /// The same call about something else: another stream, another buffer.
            case target
        }
        package var kind: Kind
        /// What changed, in one line.
        package var title: String
        /// Its lines, each with the times it occurs.
        package var parts: [Part]
        /// How often it occurs in all.
        package var occurrences: Int
        /// For how many it counts in `differences`.
        package var differences: Int
        /// Where it occurs first.
        package var places: [Place]
    }

    package struct Part: Codable, Sendable, Equatable {
        /// What only the first trace has, and the second; for a changed call one line each.
        package var before: [String]
        package var after: [String]
        /// The arguments that differ.
        package var changes: [String]
        package var occurrences: Int
        /// The calls before and after it, which both traces have, where it occurs first.
        package var contextBefore: String?
        package var contextAfter: String?
    }

    package struct Place: Codable, Sendable, Equatable {
        package var client: String
        package var thread: Int
        /// Counts the thread's calls from 1, in either trace.
        package var callBefore: Int
        package var callAfter: Int
    }

    /// Durations of one function before and after.
    package struct Timing: Codable, Sendable, Equatable {
        package var function: String
        /// Of the operation on the device, else of the call.
        package var isOperation: Bool
        package var countBefore: UInt64
        package var countAfter: UInt64
        package var p50BeforeNanoseconds: Int64
        package var p50AfterNanoseconds: Int64
        package var p99BeforeNanoseconds: Int64
        package var p99AfterNanoseconds: Int64
        package var totalBeforeNanoseconds: Int64
        package var totalAfterNanoseconds: Int64
        /// "slower" or "faster" where the medians are clearly apart.
        package var note: String?
    }
}
