package import Wire

/// Predicted times by signature, corrected by observed ones.
///
/// An entry that was observed predicts a moving average of that. One that was not predicts the
/// model's figure times how far the model was off lately for that kind of operation: on a device
/// that is no Ascend chip (the software device), the model is wrong by a factor that is found
/// within a few operations.
package struct CostBook: Sendable {
    private struct Entry {
        var predicted: Double
        var observed: Double = 0
        var samples: UInt32 = 0
        var kind: OperationKind
    }
    private var entries: ContiguousArray<Entry> = []
    private var free: ContiguousArray<Int> = []
    /// By kind: observed ÷ predicted; 0 until something was observed.
    private var scales = ContiguousArray<Double>(repeating: 0, count: OperationKind.allCases.count)

    private static let entryWeight = 1.0 / 8
    private static let scaleWeight = 1.0 / 32
    /// One observation counts as this many times the average at most: a preempted thread says
    /// little about the operation.
    private static let outlierMax = 8.0

    package init() {}

    /// A new entry; its index stays until it is removed.
    package mutating func add(_ kind: OperationKind, predictedNanoseconds: Nanoseconds) -> Int {
        let entry = Entry(predicted: Double(max(1, predictedNanoseconds)), kind: kind)
        if let index = free.popLast() {
            entries[index] = entry
            return index
        }
        entries.append(entry)
        return entries.count - 1
    }

    /// The index may be given to another signature: a program that makes new ones for ever is
    /// served in bounded memory.
    package mutating func remove(_ index: Int) { free.append(index) }

    package func nanoseconds(_ index: Int) -> Nanoseconds {
        let entry = entries[index]
        if entry.samples > 0 { return Nanoseconds(entry.observed) }
        let scale = scales[Int(entry.kind.rawValue)]
        return Nanoseconds(min(entry.predicted * (scale > 0 ? scale : 1), 86_400e9))
    }

    /// Corrects the predictions by a time that the device reported.
    ///
    /// - Parameter slowdown: how many times longer than alone the model says that this run took,
    ///   because of neighbours and missing cores (`ChipOutcome.finished`). Predictions are of the
    ///   time alone, so the observed time is divided by it. Below 1 counts as 1.
    package mutating func observe(
        _ index: Int, tookNanoseconds: Nanoseconds, slowdown: Double = 1
    ) {
        let took = Double(max(0, tookNanoseconds)) / max(1, slowdown)
        let kind = Int(entries[index].kind.rawValue)
        let ratio = took / entries[index].predicted
        scales[kind] =
            scales[kind] == 0
            ? ratio
            : scales[kind] + (min(ratio, scales[kind] * Self.outlierMax) - scales[kind])
                * Self.scaleWeight
        if entries[index].samples == 0 {
            entries[index].observed = took
        } else {
            let average = entries[index].observed
            let bounded = min(took, max(1, average) * Self.outlierMax)
            entries[index].observed += (bounded - average) * Self.entryWeight
        }
        entries[index].samples &+= entries[index].samples == .max ? 0 : 1
    }

    /// How often the entry was observed.
    package func samples(_ index: Int) -> UInt32 { entries[index].samples }
}
