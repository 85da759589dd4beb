/// What the policy was asked and answered, for a recording; empty and free of cost while none runs.
package struct DecisionStream {
    /// Decisions kept until somebody drains them; past it new ones are lost and counted.
    private static let limit = 65_536

    private var records: ContiguousArray<DecisionRecord> = []
    private var lost: UInt64 = 0
    package var isRecording = false {
        didSet { if !isRecording { records.removeAll() } }
    }

    mutating func append(_ record: DecisionRecord) {
        guard isRecording else { return }
        guard records.count < Self.limit else {
            lost += 1
            return
        }
        records.append(record)
    }

    /// Hands every decision since the last drain to `body`, oldest first, and returns how many were
    /// lost.
    package mutating func drain(_ body: (DecisionRecord) -> Void) -> UInt64 {
        for record in records { body(record) }
        records.removeAll(keepingCapacity: true)
        defer { lost = 0 }
        return lost
    }
}
