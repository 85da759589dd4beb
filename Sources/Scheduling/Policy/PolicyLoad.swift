package import Wire

/// Bounds of what a policy may do before the host steps in.
package struct PolicyHostLimits: Sendable, Equatable {
    /// So many breaches within the window put a policy in quarantine.
    package var breachesMax = 8
    package var breachWindowNanoseconds: Nanoseconds = 10_000_000_000
    /// How long in all an operation may be held while its device had room.
    package var holdNanosecondsMax: Nanoseconds = 1_000_000_000
    /// So many holds past that limit, one the limit after the other and nothing chosen between
    /// them, put a policy in quarantine: it lets nothing go by itself.
    package var holdsInARowMax = 2
    /// How long a client may have ready work for a device and get nothing of it: then the host gives
    /// it its oldest operation.
    package var starvationNanoseconds: Nanoseconds = 2_000_000_000
    /// A device has room while less than this is in flight on it, in predicted time …
    package var roomNanoseconds: Nanoseconds = 200_000
    /// … and fewer operations than this.
    package var roomOperations = 64
    /// A hold is for this long at least, so that a policy cannot make the dispatch loop spin.
    package var wakeNanosecondsMin: Nanoseconds = 1_000
    /// Earlier policies that are kept for a rollback; older loads stay in the list by name only …
    package var policiesKept = 16
    /// … and this many of them.
    package var loadsListed = 256
    package init() {}
}

/// Why another policy could not be made live. The one before goes on.
package struct PolicyExchangeError: Error, Sendable, Equatable, CustomStringConvertible {
    package var description: String
    package init(_ description: String) { self.description = description }
}

/// One load of a policy and what became of it.
struct PolicyLoad {
    let number: Int
    /// Nil when it is no longer kept.
    var policy: (any Policy)?
    let name: String
    let version: Int
    let origin: String
    var state = PolicyStatus.State.live
    var decisions: UInt64 = 0
    var breaches: UInt64 = 0
    var lastBreach: String?
    var watched: Bool
    /// What it said last, oldest first.
    private var log: [String] = []
    private static let logLinesMax = 64
    /// The options as they were when the policy was let go.
    var lastOptions: [PolicyOption] = []

    init(number: Int, policy: any Policy, watched: Bool) {
        self.number = number
        self.policy = policy
        self.watched = watched
        name = policy.name
        version = policy.version
        origin = policy.origin
    }

    var status: PolicyStatus {
        PolicyStatus(
            load: number, name: name, version: version, origin: origin, state: state,
            decisions: decisions, breaches: breaches, lastBreach: lastBreach,
            options: policy?.options ?? lastOptions, watched: watched, log: log)
    }

    /// Takes over what the policy has said since.
    mutating func takeLog() {
        guard let said = policy?.takeLog(), !said.isEmpty else { return }
        log = (log + said).suffix(Self.logLinesMax)
    }

    /// Lets the policy go and keeps what `policy list` shows.
    mutating func release() {
        lastOptions = policy?.options ?? lastOptions
        takeLog()
        policy = nil
    }
}
