import CLinux

/// What a launch costs on the host, besides what it takes here anyway: time that the calling thread
/// is busy. Never stretched by the scale.
package struct HostCost: Sendable, Equatable {
    package var phaseOneNanoseconds: UInt64 = 0
    package var phaseTwoNanoseconds: UInt64 = 0
    /// Of records, waits, copies and fills.
    package var otherNanoseconds: UInt64 = 0

    package init() {}

    /// From `phase one,phase two[,others]`; others cost what phase two does unless it is said.
    package init?(microseconds text: String) {
        let numbers = text.split(separator: ",", omittingEmptySubsequences: false)
            .map { Double($0) }
        guard (2...3).contains(numbers.count) else { return nil }
        var costs: [UInt64] = []
        for number in numbers {
            guard let number, (0...1e6).contains(number) else { return nil }
            costs.append(UInt64(number * 1000))
        }
        (phaseOneNanoseconds, phaseTwoNanoseconds) = (costs[0], costs[1])
        otherNanoseconds = costs.count == 3 ? costs[2] : costs[1]
    }

    /// Phase one, phase two and others, in microseconds.
    package var text: String {
        [phaseOneNanoseconds, phaseTwoNanoseconds, otherNanoseconds]
            .map { $0 % 1000 == 0 ? "\($0 / 1000)" : "\(Double($0) / 1000)" }.joined(separator: ",")
    }
}

/// A call that is to take at least so long.
struct BusyCall {
    private let end: UInt64

    /// Starts now; without a cost no clock is read.
    @inline(always)
    init(_ costNanoseconds: UInt64) {
        end = costNanoseconds == 0 ? 0 : MonotonicClock.nanoseconds() &+ costNanoseconds
    }

    /// Keeps the thread busy until the time is over; a host that launches does not sleep.
    @inline(always)
    func finish() {
        guard end != 0 else { return }
        while MonotonicClock.nanoseconds() < end { cl_relax() }
    }
}
