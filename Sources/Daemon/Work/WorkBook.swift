import AscendCL
import CostModel
import Device
import Scheduling
import Wire

/// What is to be done: operations that are queued or run, the plans behind them, what they cost.
struct WorkBook: ~Copyable {
    var store = WorkStore()
    var costs = CostBook()
    /// Whose peak figures predictions begin from.
    let chip: Chip
    private var plans: PlanBook
    private let rates: ChipRates

    init(chip: Chip) {
        self.chip = chip
        rates = ChipRates(chip: chip)
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

    /// Predicted nanoseconds on the chip, alone on the cores that it may take.
    private func cost(of item: WorkItem, _ cores: CoreLimit) -> Nanoseconds {
        if let plan = item.plan {
            let whole = costs.nanoseconds(plan.costIndex)
            return cores == .none ? whole : Nanoseconds(Double(whole) * stretch(plan, cores))
        }
        guard item.kind == .copy, item.copyKind != .deviceToDevice else {
            return OperationCost.predictTransfer(
                bytes: item.bytes, crossings: item.kind == .copy ? 2 : 1, on: chip)
        }
        return OperationCost.predictHostCopy(bytes: item.bytes, on: chip)
    }

    /// How many times longer a plan's operation takes on so many cores than on all it can use.
    func stretch(_ plan: Plan, _ cores: CoreLimit) -> Double {
        let limit = Self.coresMax(plan.demand.resource, cores)
        guard let limit else { return 1 }
        let whole = rates.aloneNanoseconds(plan.shape.chipWork())
        let limited = rates.aloneNanoseconds(plan.shape.chipWork(coresMax: limit))
        return max(1, Double(limited) / Double(max(1, whole)))
    }

    /// What an operation asks of the chip, on the cores that it was allowed.
    func demand(of item: WorkItem, _ cores: CoreLimit) -> ChipDemand {
        guard let plan = item.plan else {
            return ChipDemand(resource: .none, coreShare: 0, memoryShare: 1)
        }
        guard let limit = Self.coresMax(plan.demand.resource, cores) else { return plan.demand }
        return ChipDemand(of: plan.shape.chipWork(coresMax: limit), rates)
    }

    private static func coresMax(_ resource: ChipWork.Resource, _ cores: CoreLimit) -> Int? {
        switch resource {
        case .cube: cores.cube == 0 ? nil : Int(cores.cube)
        case .vector: cores.vector == 0 ? nil : Int(cores.vector)
        case .link, .none: nil
        }
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
            phase: phase.0, phaseSource: phase.1, costNanoseconds: cost(of: item, cores),
            tokens: shape?.tokens ?? 0, bytes: shape?.bytes ?? item.bytes,
            flops: shape?.flops ?? 0, cores: cores, needsIdleStream: item.needsIdleStream)
    }
}
