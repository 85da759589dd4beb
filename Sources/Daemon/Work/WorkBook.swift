import AscendCL
import CostModel
import Device
import Scheduling
import Wire

/// What is to be done: operations that are queued or run, the plans behind them, what they cost.
struct WorkBook {
    var store = WorkStore()
    var costs = CostBook()
    /// Whose peak figures predictions begin from.
    let chip: Chip
    private var plans: PlanBook

    init(chip: Chip) {
        self.chip = chip
        plans = PlanBook(chip: chip)
    }

    var planCount: Int { plans.count }

    /// The plan of these bytes; the caller holds a reference.
    mutating func referencePlan(_ function: APIFunction, _ encoded: [UInt8]) throws(CallRefusal)
        -> Plan
    {
        try plans.reference(function, encoded, &costs)
    }

    func retainPlan(_ plan: Plan) { plans.retain(plan) }

    /// Gives a reference back. True: it was the last one.
    mutating func releasePlan(_ plan: Plan) -> Bool { plans.release(plan, &costs) }

    /// A device has let go of a plan that nobody refers to; nil: no device has ever had it.
    mutating func retirePlan(_ plan: Plan, on device: Int32?) { plans.retire(plan, on: device) }

    /// Predicted nanoseconds on the chip.
    func cost(of item: WorkItem) -> Nanoseconds {
        if let plan = item.plan { return costs.nanoseconds(plan.costIndex) }
        guard item.kind == .copy, item.copyKind != .deviceToDevice else {
            return OperationCost.predictTransfer(
                bytes: item.bytes, crossings: item.kind == .copy ? 2 : 1, on: chip)
        }
        return OperationCost.predictHostCopy(bytes: item.bytes, on: chip)
    }

    /// What the scheduler is told of an item.
    func submission(
        _ item: WorkItem, _ stream: StreamSlot, phase: (Phase, PhaseSource), cores: CoreLimit
    ) -> Submission {
        let shape = item.plan?.shape
        let kind: WorkKind =
            switch item.kind {
            case .kernel: .kernel
            case .copy: .copy
            case .fill: .fill
            }
        return Submission(
            stream: stream.id, kind: kind, payload: item.ticket, function: item.function,
            phase: phase.0, phaseSource: phase.1, costNanoseconds: cost(of: item),
            tokens: shape?.tokens ?? 0, bytes: shape?.bytes ?? item.bytes,
            flops: shape?.flops ?? 0, cores: cores)
    }
}
