import AscendCL
import Synchronization

/// Streams and plans of a device by number, shared by those who make them and those who start
/// operations.
///
/// A starter keeps what it has looked up. What goes is told to every starter before the number can
/// come again, so nobody uses a stale entry: a starter asks for removals before each command, and
/// the loop names a number again only after the removal was answered.
final class DeviceTables: Sendable {
    /// Who looks entries up and keeps them.
    enum Starter: Hashable {
        case launchThread, loop
    }

    enum Removal {
        case stream(UInt32)
        case plan(UInt32)
    }

    private struct Tables {
        var streams: [UInt32: StreamEntry] = [:]
        var plans: [UInt32: PlanEntry] = [:]
        /// What each starter has not been told of yet. Only who has joined is told.
        var removals: [Starter: [Removal]] = [:]
    }

    /// Options that the device's context has now. Only one thread starts operations at a time.
    let appliedOptions = Atomic<UInt8>(0)
    private let tables = Mutex(Tables())
    /// Removals ever, so that a starter finds out cheaply that there is nothing to take.
    private let removalCount = Atomic<UInt64>(0)

    /// Who keeps entries must join before it looks up the first.
    func join(_ starter: Starter) { tables.withLock { $0.removals[starter] = [] } }

    func stream(_ number: UInt32) -> StreamEntry? { tables.withLock { $0.streams[number] } }
    func plan(_ number: UInt32) -> PlanEntry? { tables.withLock { $0.plans[number] } }

    /// Nil where the number is out of range or taken.
    func reason(againstStream number: UInt32) -> DeviceError? {
        guard number < ExecutorLimits.streams else {
            return DeviceError(
                code: 207_006, message: "stream number \(number) is beyond the limit")
        }
        return stream(number).map { _ in
            DeviceError(code: 107_003, message: "stream number \(number) is in use")
        }
    }

    func insertStream(_ number: UInt32, _ entry: StreamEntry) {
        tables.withLock { $0.streams[number] = entry }
    }

    /// Two programs, or two threads of one, may have the same plan checked at the same time: the
    /// first makes the entry, and the others find it.
    func insertPlan(_ number: UInt32, _ entry: PlanEntry) throws(DeviceError) {
        guard number < ExecutorLimits.numbers else {
            throw DeviceError(code: 207_006, message: "plan number \(number) is beyond the limit")
        }
        let isFree = tables.withLock { tables in
            if let known = tables.plans[number] { return known.isSame(as: entry) }
            tables.plans[number] = entry
            return true
        }
        if !isFree {
            throw DeviceError(code: 161_002, message: "plan number \(number) is another's")
        }
    }

    func removeStream(_ number: UInt32) -> StreamEntry? {
        defer { removalCount.wrappingAdd(1, ordering: .sequentiallyConsistent) }
        return tables.withLock { tables in
            note(.stream(number), &tables)
            return tables.streams.removeValue(forKey: number)
        }
    }

    func removePlan(_ number: UInt32) -> Bool {
        defer { removalCount.wrappingAdd(1, ordering: .sequentiallyConsistent) }
        return tables.withLock { tables in
            note(.plan(number), &tables)
            return tables.plans.removeValue(forKey: number) != nil
        }
    }

    private func note(_ removal: Removal, _ tables: inout Tables) {
        for starter in tables.removals.keys { tables.removals[starter]?.append(removal) }
    }

    /// What has gone since `known`, which is brought up to date; empty at nearly no cost where
    /// nothing has.
    func takeRemovals(for starter: Starter, known: inout UInt64) -> [Removal] {
        let count = removalCount.load(ordering: .acquiring)
        guard count != known else { return [] }
        known = count
        return tables.withLock { tables in
            defer { tables.removals[starter] = [] }
            return tables.removals[starter] ?? []
        }
    }
}

/// A stream of the device library.
// The handle is only passed back to the library.
@safe struct StreamEntry: @unchecked Sendable {
    let handle: DeviceHandle
}

/// A plan: what its call is prepared from, whenever that is needed.
final class PlanEntry: Sendable {
    let function: APIFunction
    let encoded: [UInt8]
    private let checked: Mutex<CheckedKernel>

    // Passed on under the lock to the one thread that uses it from then on.
    private struct CheckedKernel: @unchecked Sendable {
        var kernel: PreparedKernel?
    }

    init(function: APIFunction, encoded: [UInt8], checked: consuming sending PreparedKernel) {
        self.function = function
        self.encoded = encoded
        self.checked = Mutex(CheckedKernel(kernel: checked))
    }

    func isSame(as other: PlanEntry) -> Bool {
        function.id == other.function.id && encoded == other.encoded
    }

    /// The call that was prepared to check the plan; whoever comes first has it.
    func takeChecked() -> PreparedKernel? {
        checked.withLock { checked in
            defer { checked.kernel = nil }
            return checked
        }.kernel
    }
}
