/// What kind of thing a handle is for: its top byte, so that one kind is never taken for another.
enum HandleKind: UInt {
    case context = 1
    case stream, event
    case tensor, scalar, tensorList, scalarList, integers, reals, booleans, executor
    case tensorDescription, dataBuffer, attributeSet
}

/// Objects behind handles that a program may get wrong: a handle is a slot and the slot's
/// generation, never an address, so a stale or made-up one is found out without touching memory
/// (which makes every function here safe).
///
/// Not thread-safe: each table belongs to an owner with a lock.
struct HandleTable<Object: AnyObject> {
    private struct Slot {
        var object: Object?
        var generation: UInt32
        var nextFree: Int32
    }

    private let tag: UInt
    private var slots: ContiguousArray<Slot> = []
    private var firstFree: Int32 = -1
    private(set) var count = 0

    private static var generationMask: UInt { 0xFF_FFFF }

    init(_ kind: HandleKind) { tag = kind.rawValue << 56 }

    @safe mutating func insert(_ object: Object) -> UnsafeMutableRawPointer? {
        count += 1
        let index: Int
        if firstFree >= 0 {
            index = Int(firstFree)
            firstFree = slots[index].nextFree
            slots[index].object = object
        } else {
            index = slots.count
            slots.append(Slot(object: object, generation: 1, nextFree: -1))
        }
        let generation = UInt(slots[index].generation) & Self.generationMask
        return unsafe UnsafeMutableRawPointer(bitPattern: tag | generation << 32 | UInt(index))
    }

    /// The object behind `handle`, or nil where the handle is none of this table's living ones.
    @inline(always)
    @safe func object(_ handle: UnsafeRawPointer?) -> Object? {
        guard let index = index(of: handle) else { return nil }
        return slots[index].object
    }

    @safe mutating func remove(_ handle: UnsafeRawPointer?) -> Object? {
        guard let index = index(of: handle) else { return nil }
        let object = slots[index].object
        slots[index].object = nil
        slots[index].generation &+= 1
        slots[index].nextFree = firstFree
        firstFree = Int32(truncatingIfNeeded: index)
        count -= 1
        return object
    }

    @inline(always)
    @safe private func index(of handle: UnsafeRawPointer?) -> Int? {
        let bits = UInt(bitPattern: handle)
        guard bits & (0xFF << 56) == tag else { return nil }
        let index = Int(bits & 0xFFFF_FFFF)
        guard index < slots.count, slots[index].object != nil,
            UInt(slots[index].generation) & Self.generationMask == bits >> 32 & Self.generationMask
        else { return nil }
        return index
    }
}
