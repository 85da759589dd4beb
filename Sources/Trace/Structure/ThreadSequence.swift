import Wire

/// What one thread of a program did, as a sequence of symbols.
struct ThreadSequence {
    let thread: UInt32
    var symbols: [UInt32] = []
    var times: [Nanoseconds] = []
    /// Where a call's operands begin in `operands`; one more than there are calls.
    var operandStarts: [UInt32] = [0]
    /// Who the calls are about.
    var operands: [Operand] = []
    /// Calls of each function, to find the thread's counterpart.
    private(set) var functionCounts: [Int] = []

    init(thread: UInt32) { self.thread = thread }

    var count: Int { symbols.count }

    mutating func count(function: Int) {
        while functionCounts.count <= function { functionCounts.append(0) }
        functionCounts[function] += 1
    }

    func operands(of call: Int) -> ArraySlice<Operand> {
        operands[Int(operandStarts[call])..<Int(operandStarts[call + 1])]
    }

    /// The operands agree in what does not depend on the order in which things were made.
    func agrees(_ call: Int, with other: ThreadSequence, _ otherCall: Int) -> Bool {
        let mine = operands(of: call)
        let its = other.operands(of: otherCall)
        guard mine.count == its.count else { return false }
        for (a, b) in zip(mine, its) where a.offset != b.offset || a.isAddress != b.isAddress {
            return false
        }
        return true
    }
}

/// A handle or an address, by what it is in the trace: which one, counted by first appearance,
/// and where in it.
struct Operand: Equatable {
    /// The number of the handle, or of the allocation; `unknown` for an address outside every
    /// allocation.
    var number: UInt32
    /// The parameter it was given as; 255 for the call's own stream, and for later ones.
    var parameter: UInt8
    var isAddress: Bool
    var offset: UInt32

    static let unknown = UInt32.max
}

/// One program of a trace.
struct ClientStructure {
    let client: ClientID
    var name = ""
    var labels: [String: String] = [:]
    var pid: Int32 = 0
    var threads: [ThreadSequence] = []
    var calls: Int { threads.reduce(0) { $0 + $1.count } }
    /// Allocations whose operands were all at their beginning.
    var isWholeAllocation: [Bool] = []
    var allocationBytes: [UInt64] = []

    /// The program hands out parts of large blocks itself, as PyTorch's caching allocator does:
    /// where its buffers lie is then decided by the order in which others were given back.
    var usesPools: Bool {
        let poolBytes: UInt64 = 2 << 20
        return zip(isWholeAllocation, allocationBytes).contains { isWhole, bytes in
            !isWhole && bytes % poolBytes == 0
        }
    }

    var title: String {
        let text = labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        return ([name.isEmpty ? "client \(client.rawValue)" : name] + text).joined(separator: " ")
    }
}
