package import Wire

/// Device memory on its way back to its device, and allocations that failed only because it is not
/// there yet: memory that a program gave up goes back once the work that was enqueued before is done.
package struct MemoryReturns {
    package init() {}

    /// An allocation that a thread waits for.
    package struct Allocation {
        let parked: ParkedThread
        let session: Session
        let device: Int32
        let bytes: UInt64
        let policy: Int32
        /// Until when it may wait for memory; nil: it has not waited yet.
        var deadline: Nanoseconds?

        package init(
            parked: ParkedThread, session: Session, device: Int32, bytes: UInt64, policy: Int32
        ) {
            self.parked = parked
            self.session = session
            self.device = device
            self.bytes = bytes
            self.policy = policy
        }
    }

    /// How long an allocation waits for memory of work that goes on.
    package static let patience: Nanoseconds = 10_000_000_000

    /// Blocks on their way back, by device.
    private var blocks: [Int32: Int] = [:]
    private var waiting: [Allocation] = []

    package var isEmpty: Bool { blocks.isEmpty && waiting.isEmpty }

    /// A program has given a block up, or is gone.
    package mutating func noteReleased(on device: Int32) { blocks[device, default: 0] += 1 }

    /// The device has a block again, or keeps it for good.
    package mutating func noteFreed(on device: Int32) {
        guard let left = blocks[device] else { return }
        blocks[device] = left == 1 ? nil : left - 1
    }

    /// Keeps an allocation that its device refused until more memory is back. False: none is on its
    /// way, or it has waited long enough.
    package mutating func hold(_ allocation: Allocation, now: Nanoseconds) -> Bool {
        let deadline = allocation.deadline ?? now + Self.patience
        guard blocks[allocation.device] != nil, now < deadline else { return false }
        var allocation = allocation
        allocation.deadline = deadline
        waiting.append(allocation)
        return true
    }

    /// Allocations to be tried again: memory of the device is back.
    package mutating func takeWaiting(on device: Int32) -> [Allocation] {
        guard !waiting.isEmpty else { return [] }
        defer { waiting.removeAll { $0.device == device } }
        return waiting.filter { $0.device == device }
    }

    /// Allocations that have waited as long as they may.
    package mutating func takeExpired(now: Nanoseconds) -> [Allocation] {
        guard !waiting.isEmpty else { return [] }
        defer { waiting.removeAll { $0.deadline ?? 0 <= now } }
        return waiting.filter { $0.deadline ?? 0 <= now }
    }

    /// Those of a program that is gone.
    package mutating func takeWaiting(of client: ClientID) -> [Allocation] {
        guard !waiting.isEmpty else { return [] }
        defer { waiting.removeAll { $0.session.id == client } }
        return waiting.filter { $0.session.id == client }
    }

    package var nextDeadline: Nanoseconds? { waiting.compactMap(\.deadline).min() }
}
