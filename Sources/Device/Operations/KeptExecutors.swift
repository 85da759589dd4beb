import Wire

/// Executors of one plan that the device library lets be used again, by all values but addresses.
///
/// A view further on in the same memory is another address too, as long as it lies alike within a
/// block: the executor is pointed there. Only values that come a second time are worth keeping one:
/// a seed or a step that never comes again would otherwise push out those that do, and pay for it
/// at every launch.
struct KeptExecutors {
    /// What must agree for an executor to serve a launch: its values but addresses, and what
    /// it was prepared under.
    // Safe within the launch that it is made for: the values are the command's, which outlives it.
    @safe struct Key {
        fileprivate let values: UnsafeBufferPointer<UInt64>
        fileprivate let arguments: KernelArguments
        fileprivate let conditions: LaunchConditions
        fileprivate let hash: UInt64

        init(
            _ values: UnsafeBufferPointer<UInt64>, _ arguments: KernelArguments,
            _ conditions: LaunchConditions
        ) {
            unsafe self.values = values
            self.arguments = arguments
            self.conditions = conditions
            var hash: UInt64 = conditions.word &+ 0x9e37_79b9_7f4a_7c15
            for position in arguments.otherPositions { unsafe Self.mix(values[position], &hash) }
            for place in arguments.tensorPlaces {
                unsafe Self.mix(Self.alignment(of: values[place.position + 1], place), &hash)
            }
            self.hash = hash
        }

        private static func mix(_ word: UInt64, _ hash: inout UInt64) {
            hash = (hash ^ word) &* 0xff51_afd7_ed55_8ccd
            hash ^= hash >> 32
        }

        /// How a view lies within a block of 32 bytes, the unit in which an AI core moves data:
        /// what a device library may have chosen its kernel by. Elements that are no whole bytes
        /// are kept by their offset.
        private static func alignment(
            of offset: UInt64, _ place: KernelArguments.TensorPlace
        ) -> UInt64 {
            place.elementBytes == 0 ? offset : (offset &* place.elementBytes) % 32
        }

        fileprivate func agrees(with kept: Kept) -> Bool {
            guard kept.hash == hash, kept.conditions == conditions else { return false }
            for position in arguments.otherPositions
            where unsafe values[position] != kept.values[position] { return false }
            for place in arguments.tensorPlaces {
                let (old, new) = unsafe (
                    kept.values[place.position + 1], values[place.position + 1]
                )
                guard Self.alignment(of: old, place) == Self.alignment(of: new, place) else {
                    return false
                }
            }
            return true
        }

        /// Where a tensor must start for an executor, made with another offset, to see the view.
        fileprivate func address(_ place: KernelArguments.TensorPlace, for kept: Kept) -> UInt64 {
            let difference = unsafe values[place.position + 1] &- kept.values[place.position + 1]
            return unsafe values[place.position] &+ difference &* place.elementBytes
        }
    }

    // Safe: the library's handles are opaque; nothing reads through them here.
    @safe struct Kept {
        let executor: DeviceHandle
        let workspaceBytes: UInt64
        /// The tensors it was made with, whose addresses are set anew.
        fileprivate let tensors: [DeviceHandle]
        /// The other objects that it was made with.
        fileprivate let made: [KernelArguments.Made]
        fileprivate let hash: UInt64
        fileprivate let values: [UInt64]
        fileprivate let conditions: LaunchConditions
        fileprivate var lastUse: UInt64
    }

    /// How many a plan keeps; the one that was not used for longest makes room.
    static let countMax = 8

    private let calls: OperatorCalls
    private var isPossible: Bool
    private var kept: [Kept] = []
    /// Hashes of the latest values that had no executor, in a circle.
    private var seen: [8 of UInt64] = .init(repeating: 0)
    private var nextSeen = 0
    private var clock: UInt64 = 0
    private var wasHit = false

    init(_ calls: OperatorCalls, isPossible: Bool) {
        self.calls = calls
        self.isPossible =
            unsafe isPossible && calls.setRepeatable != nil && calls.setTensorAddress != nil
            && calls.destroyExecutor != nil
    }

    var count: Int { kept.count }

    /// Whether the launch that was begun last found its executor here.
    mutating func takeHit() -> Bool {
        defer { wasHit = false }
        return wasHit
    }

    /// The executor of such values, pointed at their addresses. One that refuses an address goes.
    mutating func find(_ key: Key) -> Kept? {
        guard let index = kept.firstIndex(where: { key.agrees(with: $0) }),
            let setAddress = unsafe calls.setTensorAddress
        else { return nil }
        clock += 1
        kept[index].lastUse = clock
        for (tensor, place) in key.arguments.tensorPlaces.enumerated() {
            let address = unsafe DeviceHandle(
                bitPattern: UInt(key.address(place, for: kept[index])))
            let object = unsafe kept[index].tensors[tensor]
            guard unsafe setAddress(kept[index].executor, tensor, object, address) == 0 else {
                remove(at: index)
                isPossible = false
                return nil
            }
        }
        wasHit = true
        return kept[index]
    }

    /// Keeps an executor just made, where its values came before and the library allows it. What it
    /// was made from stays with it then.
    mutating func keep(
        _ executor: DeviceHandle?, _ key: Key, made: [KernelArguments.Made], workspaceBytes: UInt64
    ) -> Bool {
        guard isPossible, let executor = unsafe executor, wasSeen(key.hash),
            key.arguments.hasLatestTensors
        else {
            return false
        }
        guard unsafe calls.setRepeatable?(executor) == 0 else {
            isPossible = false
            return false
        }
        let tensors = unsafe key.arguments.takeLatestTensors()
        if kept.count == Self.countMax { removeOldest() }
        clock += 1
        unsafe kept.append(
            Kept(
                executor: executor, workspaceBytes: workspaceBytes, tensors: tensors, made: made,
                hash: key.hash, values: Array(key.values), conditions: key.conditions,
                lastUse: clock))
        return true
    }

    private mutating func wasSeen(_ hash: UInt64) -> Bool {
        for index in seen.indices where seen[index] == hash { return true }
        seen[nextSeen] = hash
        nextSeen = (nextSeen + 1) % seen.count
        return false
    }

    private mutating func removeOldest() {
        guard let oldest = kept.indices.min(by: { kept[$0].lastUse < kept[$1].lastUse }) else {
            return
        }
        remove(at: oldest)
    }

    private mutating func remove(at index: Int) {
        let gone = kept.remove(at: index)
        _ = unsafe calls.destroyExecutor?(gone.executor)
        unsafe gone.tensors.forEach { _ = unsafe calls.destroyTensor($0) }
        for one in gone.made { _ = unsafe one.destroy(one.object) }
    }

    mutating func removeAll() {
        while !kept.isEmpty { remove(at: kept.count - 1) }
    }
}
