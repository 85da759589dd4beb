import Daemon
import Testing

@Suite struct WorkStoreTests {
    @Test func `an item is found by its ticket`() {
        var store = WorkStore()
        let items = (0..<3).map { _ in store.takeItem() }
        for item in items { #expect(store[item.ticket] === item) }
        #expect(store.inUse == 3)
    }

    @Test func `a released item comes again, blank`() throws {
        var store = WorkStore()
        let program = try ProgramDouble(client: 1, mode: .route)
        let item = store.takeItem()
        item.words = [1, 2, 3]
        item.stagingSlot = 5
        item.session = program.session
        store.release(item)
        #expect(store.inUse == 0)
        let again = store.takeItem()
        #expect(again === item)
        #expect(again.words.isEmpty)
        #expect(again.stagingSlot == -1)
        #expect(again.session == nil)
    }

    @Test func `as many items are made as are ever used at once`() {
        var store = WorkStore()
        for _ in 0..<1000 {
            let pair = [store.takeItem(), store.takeItem()]
            #expect(pair.allSatisfy { $0.ticket < 2 })
            for item in pair { store.release(item) }
        }
    }
}
