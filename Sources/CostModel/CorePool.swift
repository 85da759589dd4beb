import Wire

/// The cores of one kind: who holds how many, and who wants more.
struct CorePool: Sendable {
    /// A stream whose head wants cores, in the order in which it gets them.
    struct Claim: Sendable {
        var stream: Int
        /// 0 is the highest.
        var priority: Int
        /// When it came to the head of its stream, among those that did.
        var order: UInt64
    }
    let cores: Int
    private(set) var free: Int
    /// By priority, then by order. An operation that runs on fewer cores than it asked for stays
    /// here, before those that wait behind it.
    private(set) var claims: ContiguousArray<Claim> = []
    private var heldCoreNanoseconds: Nanoseconds = 0
    private var changedAt: Nanoseconds = 0

    init(cores: Int) {
        self.cores = cores
        free = cores
    }

    mutating func add(_ claim: Claim) {
        var index = claims.count
        while index > 0,
            (claims[index - 1].priority, claims[index - 1].order) > (claim.priority, claim.order)
        { index -= 1 }
        claims.insert(claim, at: index)
    }

    mutating func removeClaim(at index: Int) { claims.remove(at: index) }

    mutating func removeClaim(of stream: Int) { claims.removeAll { $0.stream == stream } }

    mutating func takeCores(_ count: Int, now: Nanoseconds) {
        accountTime(to: now)
        free -= count
    }

    mutating func returnCores(_ count: Int, now: Nanoseconds) {
        accountTime(to: now)
        free += count
    }

    /// Cores × time held until `now`.
    func coreNanoseconds(at now: Nanoseconds) -> Double {
        Double(heldCoreNanoseconds) + Double(cores - free) * Double(now - changedAt)
    }

    private mutating func accountTime(to now: Nanoseconds) {
        heldCoreNanoseconds += Nanoseconds(cores - free) * (now - changedAt)
        changedAt = now
    }
}
