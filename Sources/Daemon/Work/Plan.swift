package import AscendCL
package import CostModel
import Scheduling
import Wire

/// The plan of an aclnn operation: its arguments without what travels with each launch. One for all
/// programs that use it.
package final class Plan {
    /// By which executors know it.
    package let number: UInt32
    /// Phase one's function; phase two's is what records and traces name.
    let phaseOne: APIFunction
    let encoded: [UInt8]
    let signature: Signature
    let shape: OperationShape
    /// Index in the cost book, for predictions corrected by what was observed.
    let costIndex: Int
    /// What it asks of the chip, on all the cores that it can use.
    let demand: ChipDemand
    /// How many words a launch's values have.
    package let valueCount: Int
    /// What it takes of this process's memory, about.
    package let bytes: Int
    /// What each tensor touches, and where its address lies among the values.
    private let extents: [TensorExtent]
    /// Program slots that name it, and operations that are to run or run.
    package fileprivate(set) var references = 0
    /// Devices whose executors know it.
    package var devices: Set<Int32> = []

    init(
        number: UInt32, phaseOne: APIFunction, encoded: [UInt8], signature: Signature,
        shape: OperationShape, costIndex: Int, demand: ChipDemand
    ) {
        self.demand = demand
        self.number = number
        self.phaseOne = phaseOne
        self.encoded = encoded
        self.signature = signature
        self.shape = shape
        self.costIndex = costIndex
        bytes = Self.bytes(of: signature, encoded: encoded.count)
        valueCount = signature.valueCount
        extents = zip(signature.tensors, signature.tensorPositions).map(TensorExtent.init)
    }

    /// The bytes themselves, here and with one device; for each tensor its description, its three
    /// lists, and the device library's object for it, of some hundred bytes.
    private static func bytes(of signature: Signature, encoded: Int) -> Int {
        signature.tensors.reduce(1024 + 2 * encoded) { sum, tensor in
            let dimensions =
                tensor.shape.count + tensor.strides.count + tensor.storageShape.count
            return sum + 512 + 16 * dimensions
        }
    }

    /// The position of a tensor that touches memory outside of `memory`, or nil.
    package func firstForeignTensor(_ values: borrowing ValueWords, in memory: AllocationMap)
        -> Int?
    {
        for (index, extent) in extents.enumerated() where !extent.lies(in: memory, values) {
            return index
        }
        return nil
    }
}

/// The values of one launch, as they lie in its record.
package typealias ValueWords = ArraySlice<UInt64>

/// What one tensor of a plan touches.
private struct TensorExtent {
    private let position: Int
    /// From its address, without the launch's view offset; nil: nothing.
    private let range: (first: Int64, end: Int64)?
    private let elementBytes: Int64

    init(_ tensor: SignatureTensor, position: Int) {
        self.position = position
        range = tensor.touchedBytes
        elementBytes = Int64(max(1, Wire.elementBytes(ofType: tensor.type)))
    }

    func lies(in memory: AllocationMap, _ values: borrowing ValueWords) -> Bool {
        guard let range else { return true }
        let start = values.startIndex + position
        let offset = Int64(bitPattern: values[start + 1])
        let (shift, a) = offset.multipliedReportingOverflow(by: elementBytes)
        let (first, b) = range.first.addingReportingOverflow(shift)
        guard !a, !b else { return false }
        let address = values[start] &+ UInt64(bitPattern: first)
        return memory.block(holding: address, bytes: UInt64(range.end - range.first)) != nil
    }
}

/// The plans of a program by the slots that it chose. A slot that is filled again forgets what it
/// held, so a program's plans are bounded by its slots.
package struct PlanSlots {
    private var plans: [Plan?] = []
    package let limit: Int
    /// Of the plans in all slots; one that is in two counts twice.
    package private(set) var bytes = 0

    package init(limit: Int) { self.limit = limit }

    package subscript(slot: UInt64) -> Plan? {
        slot < UInt64(plans.count) ? plans[Int(slot)] : nil
    }

    /// Puts a plan in a slot below the limit; returns what was there.
    package mutating func replace(_ slot: Int, with plan: Plan?) -> Plan? {
        while plans.count <= slot { plans.append(nil) }
        defer {
            bytes += (plan?.bytes ?? 0) - (plans[slot]?.bytes ?? 0)
            plans[slot] = plan
        }
        return plans[slot]
    }

    /// Every plan with its slot.
    package var all: [(slot: Int, plan: Plan)] {
        plans.enumerated().compactMap { slot, plan in plan.map { (slot, $0) } }
    }

    package mutating func removeAll() -> [Plan] {
        defer {
            plans.removeAll()
            bytes = 0
        }
        return plans.compactMap(\.self)
    }
}

/// All plans of the daemon, each once, by what they are.
package struct PlanBook {
    private struct Key: Hashable {
        var function: FunctionID
        var encoded: [UInt8]
    }
    private var known: [Key: Plan] = [:]
    private var numbers = NumberPool()
    private let rates: ChipRates

    package init(chip: Chip) { rates = ChipRates(chip: chip) }

    package var count: Int { known.count }

    /// The plan of these bytes, made if nobody has it. The caller holds a reference.
    package mutating func reference(
        _ function: APIFunction, _ encoded: [UInt8], _ costs: inout CostBook
    ) throws(CallRefusal) -> Plan {
        let key = Key(function: function.id, encoded: encoded)
        if let plan = known[key] {
            plan.references += 1
            return plan
        }
        let signature: Signature
        do { signature = try SignatureDecoder.decode(encoded) } catch {
            throw CallRefusal(AclStatus.operationInternal, "\(function.name): \(error)")
        }
        guard !signature.tensors.contains(where: \.isMalformed) else {
            throw CallRefusal(
                AclStatus.invalidArgument,
                "\(function.name): a tensor's shape or strides make no sense")
        }
        let shape = OperationShape(function: function.name, signature: signature)
        let plan = Plan(
            number: numbers.takeNumber(), phaseOne: function, encoded: encoded,
            signature: signature, shape: shape,
            costIndex: costs.add(
                shape.kind, predictedNanoseconds: rates.aloneNanoseconds(shape.chipWork())),
            demand: ChipDemand(of: shape.chipWork(), rates))
        plan.references = 1
        known[key] = plan
        return plan
    }

    package func retain(_ plan: Plan) { plan.references += 1 }

    /// Gives a reference back. True: it was the last one, and the devices that know the plan are to
    /// drop it; its number comes again when all have (`retire`).
    package mutating func release(_ plan: Plan, _ costs: inout CostBook) -> Bool {
        plan.references -= 1
        guard plan.references == 0 else { return false }
        known[Key(function: plan.phaseOne.id, encoded: plan.encoded)] = nil
        costs.remove(plan.costIndex)
        return true
    }

    /// One of its devices has dropped the plan, or never had it.
    package mutating func retire(_ plan: Plan, on device: Int32?) {
        if let device { plan.devices.remove(device) }
        if plan.devices.isEmpty { numbers.giveBack(plan.number) }
    }
}
