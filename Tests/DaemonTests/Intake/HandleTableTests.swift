import Daemon
import Testing

@Suite struct HandleTableTests {
    private final class Thing {}
    private let old: UInt64 = 1 << 24 | 2
    private let new: UInt64 = 2 << 24 | 2

    @Test func `handles are told apart by their generation`() {
        var table = HandleTable<Thing>(limit: 4)
        #expect(table.accepts(old))
        table.insert(Thing(), as: old)
        #expect(!table.accepts(new))
        #expect(table[new] == nil)
        #expect(table.remove(new) == nil)
        #expect(table.remove(old) != nil)
        #expect(table[old] == nil)
        #expect(table.accepts(new))
    }

    @Test func `an index past the limit is refused, however large the handle`() {
        let table = HandleTable<Thing>(limit: 4)
        #expect(table.accepts(3))
        for handle in [4, 0xff_ffff, .max] as [UInt64] {
            #expect(!table.accepts(handle))
            #expect(table[handle] == nil)
        }
    }

    @Test func `a reserved handle is nobody's, and nobody else can have it`() {
        var table = HandleTable<Thing>(limit: 4)
        table.reserve(old)
        #expect(table.count == 1)
        #expect(table[old] == nil)
        #expect(!table.accepts(old))
        #expect(!table.accepts(new))
        #expect(table.remove(old) == nil)
        #expect(table.objects.isEmpty)
        table.insert(Thing(), as: old)
        #expect(table.count == 1)
        #expect(table[old] != nil)
    }

    @Test func `a reservation is given back once, and only by its own handle`() {
        var table = HandleTable<Thing>(limit: 4)
        table.reserve(old)
        table.releaseReservation(new)
        #expect(table.count == 1)
        table.releaseReservation(old)
        table.releaseReservation(old)
        #expect(table.count == 0)
        #expect(table.accepts(new))
    }

    @Test func `an object is not taken for a reservation`() {
        var table = HandleTable<Thing>(limit: 4)
        table.insert(Thing(), as: old)
        table.releaseReservation(old)
        #expect(table[old] != nil)
        #expect(table.count == 1)
    }

    @Test func `objects come in the order of their indices`() {
        var table = HandleTable<Thing>(limit: 4)
        let things = [Thing(), Thing(), Thing()]
        for index in [2, 0, 1] { table.insert(things[index], as: UInt64(index)) }
        #expect(table.objects.map(ObjectIdentifier.init) == things.map(ObjectIdentifier.init))
        #expect(table.count == 3)
    }
}
