package import Wire

/// Limits of the daemon and of each client; reaching one is a named error to that client alone.
///
/// Each session has its own copy, which its labels and `flexnpu limit` may change.
package struct DaemonLimits: Sendable, Equatable {
    // MARK: Of the daemon

    package var sessions = 256
    /// Of them, those of one user.
    package var sessionsPerUser = 256
    /// Connections heard at a time that have not said who they are; the others wait to be accepted.
    package var greetings = 256
    /// How long a connection may take to say who it is.
    package var greetingNanoseconds: Nanoseconds = 2_000_000_000
    /// How long one must have said nothing before it makes room for another.
    package var silenceBeforeRoomNanoseconds: Nanoseconds = 20_000_000
    /// How long a command must not have taken its answer before it makes room for another.
    package var unreadBeforeRoomNanoseconds: Nanoseconds = 100_000_000
    /// The same of one that does not ask.
    package var idleBeforeRoomNanoseconds: Nanoseconds = 1_000_000_000
    /// Commands answered at a time.
    package var commands = 256
    /// How long a command may say nothing between two requests, as `top` does.
    package var idleCommandNanoseconds: Nanoseconds = 3_600_000_000_000
    /// How long a command may take to send the rest of a request, and to take its answer.
    package var commandNanoseconds: Nanoseconds = 10_000_000_000
    /// The longest request taken: a policy's source with room to spare.
    package var requestBytes = 4 << 20
    /// Bytes of records waiting for the trace thread; past it records are lost and counted.
    package var traceQueueBytes = 64 << 20

    // MARK: Of a client

    /// Device memory, on all devices together.
    package var deviceBytesPerSession = Int.max
    /// Pinned host memory.
    package var hostBytesPerSession = 64 << 30
    /// What the daemon keeps of the plans of operations.
    package var planBytesPerSession = 256 << 20
    /// Slots for plans of operations; a program that needs more uses old ones again.
    package var plansPerSession = 16_384
    package var ringsPerSession = 256
    package var streamsPerSession = 1984
    package var eventsPerSession = 65_536
    package var contextsPerSession = 1024
    /// Operations queued and not yet done; past it the client's rings are left standing, so it
    /// waits.
    package var queuedPerSession = 4096
    /// Operations a second; past it the client's rings are left standing as well.
    package var operationsPerSecond = Int.max

    package init() {}
}

/// A limit that can be set, by the name that options, labels and commands have for it.
package enum LimitName: String, CaseIterable, Sendable {
    case memory
    case hostMemory = "host_memory"
    case planMemory = "plan_memory"
    case threads, streams, events, contexts, queue
    case operationsPerSecond = "operations_per_second"
    case programs
    case programsPerUser = "programs_per_user"

    package var path: WritableKeyPath<DaemonLimits, Int> {
        switch self {
        case .memory: \.deviceBytesPerSession
        case .hostMemory: \.hostBytesPerSession
        case .planMemory: \.planBytesPerSession
        case .threads: \.ringsPerSession
        case .streams: \.streamsPerSession
        case .events: \.eventsPerSession
        case .contexts: \.contextsPerSession
        case .queue: \.queuedPerSession
        case .operationsPerSecond: \.operationsPerSecond
        case .programs: \.sessions
        case .programsPerUser: \.sessionsPerUser
        }
    }

    /// Whether each client has its own; else it is the daemon's.
    package var isOfClient: Bool { self != .programs && self != .programsPerUser }

    package var isBytes: Bool { self == .memory || self == .hostMemory || self == .planMemory }

    /// The most that makes sense: handles hold no more, or sums would overflow.
    var most: Int {
        switch self {
        case .memory, .operationsPerSecond: .max
        case .hostMemory, .planMemory: 1 << 46
        // The most that a chip has, and that handles are made for.
        case .streams: DaemonLimits().streamsPerSession
        case .events, .contexts: 1 << 20
        case .queue: 1 << 16
        case .threads, .programs, .programsPerUser: 1 << 12
        }
    }
}

/// `name=value`: a limit and what it is set to.
package struct LimitSetting: Sendable, Equatable {
    package var name: LimitName
    package var value: Int

    /// Why a text is no setting, and what would be one.
    package struct Refusal: Error, Equatable, CustomStringConvertible {
        package var description: String
    }

    /// Reads `memory=8G`, `queue=100`, `operations_per_second=none`.
    package init(_ text: String) throws(Refusal) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let name = LimitName(rawValue: String(parts[0])) else {
            let all = LimitName.allCases.map(\.rawValue).joined(separator: ", ")
            throw Refusal(description: "\(text): no limit; write name=value, with one of: \(all)")
        }
        guard let value = Self.number(parts[1], of: name) else {
            let example = name.isBytes ? "8G" : "100"
            throw Refusal(
                description: "\(text): no value; write \(name.rawValue)=\(example)"
                    + (name.most == .max ? ", or none" : ", at most \(name.most)"))
        }
        self.name = name
        self.value = value
    }

    /// A whole number, of bytes with K, M, G or T behind it; `none` where there need be no limit.
    private static func number(_ text: Substring, of name: LimitName) -> Int? {
        if text == "none" { return name.most == .max ? .max : nil }
        let shifts: [Character: Int] = ["K": 10, "M": 20, "G": 30, "T": 40]
        let shift = name.isBytes ? text.last.flatMap { shifts[$0] } : nil
        guard let count = Int(shift == nil ? text : text.dropLast()), count > 0 else { return nil }
        let (value, overflows) = count.multipliedReportingOverflow(by: 1 << (shift ?? 0))
        return overflows || value > name.most ? nil : value
    }
}

extension DaemonLimits {
    package mutating func apply(_ setting: LimitSetting) {
        self[keyPath: setting.name.path] = setting.value
    }

    /// The limits that a program asks for itself, by labels as `limit.memory=8G`. It can have less
    /// than it would, not more.
    package func lowered(by labels: [String: String]) throws(LimitSetting.Refusal) -> DaemonLimits {
        var limits = self
        for (key, value) in labels.sorted(by: { $0.key < $1.key }) where key.hasPrefix("limit.") {
            let setting: LimitSetting
            do throws(LimitSetting.Refusal) {
                setting = try LimitSetting("\(key.dropFirst("limit.".count))=\(value)")
            } catch {
                throw LimitSetting.Refusal(description: "limit.\(error)")
            }
            guard setting.name.isOfClient, setting.value <= self[keyPath: setting.name.path] else {
                throw LimitSetting.Refusal(
                    description: "\(key)=\(value): a label may lower a program's limits only")
            }
            limits.apply(setting)
        }
        return limits
    }
}
