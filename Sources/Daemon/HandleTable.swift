/// A client's objects of one kind by the handles that the client chose.
///
/// A handle holds a dense index in its low 24 bits (reused, with another generation above), so this
/// is an array. An index past `limit` is refused: what a client sends never decides how much memory
/// is taken.
package struct HandleTable<Object: AnyObject> {
    private var slots: [(handle: UInt64, object: Object)?] = []
    package private(set) var count = 0
    private let limit: Int

    package init(limit: Int) { self.limit = limit }

    /// All objects, in the order of their indices.
    package var objects: [Object] { slots.compactMap { $0?.object } }

    /// The index in a handle.
    package static func index(of handle: UInt64) -> Int { Int(handle & 0xff_ffff) }

    package subscript(handle: UInt64) -> Object? {
        let index = Self.index(of: handle)
        guard index < slots.count, let slot = slots[index], slot.handle == handle else {
            return nil
        }
        return slot.object
    }

    /// Whether an object of that handle can be added: its index is within the limit and free.
    package func accepts(_ handle: UInt64) -> Bool {
        let index = Self.index(of: handle)
        return index < limit && (index >= slots.count || slots[index] == nil)
    }

    /// Adds an object whose handle was accepted.
    package mutating func insert(_ object: Object, as handle: UInt64) {
        let index = Self.index(of: handle)
        while slots.count <= index { slots.append(nil) }
        slots[index] = (handle, object)
        count += 1
    }

    package mutating func remove(_ handle: UInt64) -> Object? {
        guard let object = self[handle] else { return nil }
        slots[Self.index(of: handle)] = nil
        count -= 1
        return object
    }
}
