/// A client's objects of one kind by the handles that the client chose.
///
/// A handle holds a dense index in its low 24 bits (reused, with another generation above), so this
/// is an array. An index past `limit` is refused: what a client sends never decides how much memory
/// is taken.
package struct HandleTable<Object: AnyObject> {
    private enum Slot {
        case free
        /// Promised to an object that is being made.
        case reserved(UInt64)
        case object(UInt64, Object)
    }
    private var slots: [Slot] = []
    package private(set) var count = 0
    package internal(set) var limit: Int

    package init(limit: Int) { self.limit = limit }

    /// All objects, in the order of their indices.
    package var objects: [Object] {
        slots.compactMap { slot in
            if case .object(_, let object) = slot { return object }
            return nil
        }
    }

    package subscript(handle: UInt64) -> Object? {
        let index = HandleIndex.of(handle)
        guard index < slots.count, case .object(handle, let object) = slots[index] else {
            return nil
        }
        return object
    }

    /// The handle of the object at an index, if there is one.
    func handle(at index: Int) -> UInt64? {
        guard index < slots.count, case .object(let handle, _) = slots[index] else { return nil }
        return handle
    }

    /// Whether an object of that handle can be added: its index is within the limit and free.
    package func accepts(_ handle: UInt64) -> Bool {
        let index = HandleIndex.of(handle)
        guard index < limit else { return false }
        guard index < slots.count else { return true }
        if case .free = slots[index] { return true }
        return false
    }

    /// Keeps an accepted handle for an object that is still to be made.
    package mutating func reserve(_ handle: UInt64) {
        setSlot(.reserved(handle), of: handle)
        count += 1
    }

    /// Gives a reserved handle back.
    package mutating func releaseReservation(_ handle: UInt64) {
        let index = HandleIndex.of(handle)
        guard index < slots.count, case .reserved(handle) = slots[index] else { return }
        slots[index] = .free
        count -= 1
    }

    /// Adds an object whose handle was accepted or reserved.
    package mutating func insert(_ object: Object, as handle: UInt64) {
        let index = HandleIndex.of(handle)
        var isReserved = false
        if index < slots.count, case .reserved = slots[index] { isReserved = true }
        setSlot(.object(handle, object), of: handle)
        if !isReserved { count += 1 }
    }

    package mutating func remove(_ handle: UInt64) -> Object? {
        guard let object = self[handle] else { return nil }
        slots[HandleIndex.of(handle)] = .free
        count -= 1
        return object
    }

    private mutating func setSlot(_ slot: Slot, of handle: UInt64) {
        let index = HandleIndex.of(handle)
        while slots.count <= index { slots.append(.free) }
        slots[index] = slot
    }
}
