import Wire

/// How many calls one starter keeps prepared, and how many executors of the device library all of
/// them keep.
package struct KernelBounds: Sendable {
    package var kernels: Int
    package var executors: Int
    package init(kernels: Int = 4096, executors: Int = 8192) {
        self.kernels = kernels
        self.executors = executors
    }
}

/// The prepared calls of one starter, by plan: bounded, those not used for longest go first.
///
/// One that had to go is prepared again from its plan's bytes when it is launched.
struct KernelCache {
    private struct Slot {
        let entry: PlanEntry
        var kernel: PreparedKernel?
        var lastUse: UInt64
    }

    private var slots: [Slot?] = []
    private var clock: UInt64 = 0
    private var kernelCount = 0
    private var executorCount = 0
    private(set) var preparedAgain: UInt64 = 0
    private let bounds: KernelBounds

    init(_ bounds: KernelBounds) { self.bounds = bounds }

    /// The prepared call of a plan.
    mutating func kernel(
        _ plan: UInt32, in tables: DeviceTables, from operators: OperatorLibrary
    ) throws(DeviceError) -> PreparedKernel {
        let index = Int(plan)
        clock &+= 1
        if index < slots.count, let slot = slots[index] {
            slots[index]?.lastUse = clock
            if let kernel = slot.kernel { return kernel }
            preparedAgain += 1
            return install(try prepare(slot.entry, operators), at: index)
        }
        guard let entry = tables.plan(plan) else {
            throw DeviceError(code: 161_002, message: "no plan \(plan) here")
        }
        while slots.count <= index { slots.append(nil) }
        slots[index] = Slot(entry: entry, kernel: nil, lastUse: clock)
        if let checked = entry.takeChecked() { return install(checked, at: index) }
        return install(try prepare(entry, operators), at: index)
    }

    private func prepare(_ entry: PlanEntry, _ operators: OperatorLibrary) throws(DeviceError)
        -> PreparedKernel
    {
        let signature: Signature
        do throws(SignatureError) {
            signature = try SignatureDecoder.decode(entry.encoded)
        } catch {
            throw DeviceError(code: 161_002, message: error.description)
        }
        return try operators.prepareKernel(entry.function, signature)
    }

    private mutating func install(_ kernel: PreparedKernel, at index: Int) -> PreparedKernel {
        slots[index]?.kernel = kernel
        kernelCount += 1
        executorCount += kernel.keptCount
        makeRoom()
        return kernel
    }

    /// Counts executors that a launch of a kernel made stay.
    mutating func noteKept(_ difference: Int) {
        executorCount += difference
        makeRoom()
    }

    mutating func remove(_ plan: UInt32) {
        guard Int(plan) < slots.count else { return }
        dropKernel(at: Int(plan))
        slots[Int(plan)] = nil
    }

    private mutating func dropKernel(at index: Int) {
        guard let kernel = slots[index]?.kernel else { return }
        kernelCount -= 1
        executorCount -= kernel.keptCount
        slots[index]?.kernel = nil
    }

    /// Drops an eighth at a time, so that the search for the oldest is paid for by many launches.
    private mutating func makeRoom() {
        guard kernelCount > bounds.kernels || executorCount > bounds.executors else { return }
        let prepared = slots.indices.filter { slots[$0]?.kernel != nil }
        let oldest = prepared.sorted { lastUse($0) < lastUse($1) }
        for index in oldest.dropLast() {
            if kernelCount <= bounds.kernels * 7 / 8, executorCount <= bounds.executors * 7 / 8 {
                return
            }
            dropKernel(at: index)
        }
    }

    private func lastUse(_ index: Int) -> UInt64 { slots[index]?.lastUse ?? 0 }
}
