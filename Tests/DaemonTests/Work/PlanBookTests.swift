import AscendCL
import CostModel
import Daemon
import Testing
import Wire

/// Plans are made once, and their numbers come again when nothing knows them any more.
@Suite struct PlanBookTests {
    private struct Bench {
        var book = PlanBook(chip: .ascend910B2)
        var costs = CostBook()

        mutating func reference(_ elements: Int, _ function: APIFunction = PlanBytes.function)
            throws -> Plan
        {
            try book.reference(function, PlanBytes.line(elements), &costs)
        }

        mutating func release(_ plan: Plan) -> Bool { book.release(plan, &costs) }
    }

    @Test func `the same bytes of the same function are one plan`() throws {
        var bench = Bench()
        let plan = try bench.reference(16)
        let (same, longer) = (try bench.reference(16), try bench.reference(17))
        #expect(same === plan)
        #expect(longer !== plan)
        let other = try #require(
            APITable.standard.functions.first { $0.name == "aclnnReluGetWorkspaceSize" })
        let elsewhere = try bench.reference(16, other)
        #expect(elsewhere !== plan)
        #expect(bench.book.count == 3)
        #expect(plan.references == 2)
        #expect(plan.valueCount == 2)
    }

    @Test func `the last reference ends a plan, and the same bytes make another`() throws {
        var bench = Bench()
        let plan = try bench.reference(16)
        bench.book.retain(plan)
        let wereLast = [bench.release(plan), bench.release(plan)]
        #expect(wereLast == [false, true])
        #expect(bench.book.count == 0)
        let again = try bench.reference(16)
        #expect(again !== plan)
    }

    @Test func `a number comes again when the last device has let go of it`() throws {
        var bench = Bench()
        let plan = try bench.reference(16)
        plan.devices = [0, 1]
        _ = bench.release(plan)
        let held = try bench.reference(17).number
        bench.book.retire(plan, on: 1)
        let stillHeld = try bench.reference(18).number
        bench.book.retire(plan, on: 0)
        let free = try bench.reference(19).number
        #expect(held != plan.number && stillHeld != plan.number)
        #expect(free == plan.number)
    }

    @Test func `a plan that no device ever had gives its number back at once`() throws {
        var bench = Bench()
        let plan = try bench.reference(16)
        _ = bench.release(plan)
        bench.book.retire(plan, on: nil)
        let again = try bench.reference(17).number
        #expect(again == plan.number)
    }

    @Test func `bytes that are no plan are refused and keep nothing`() throws {
        var bench = Bench()
        let whole = PlanBytes.line(16)
        var cases = (1..<whole.count / 8).map { Array(whole.prefix($0 * 8)) }
        cases.append([1, 2, 3])
        cases.append([UInt8](repeating: 0xff, count: 64))
        for bytes in cases {
            #expect(throws: CallRefusal.self, "\(bytes.count) bytes") {
                try bench.book.reference(PlanBytes.function, bytes, &bench.costs)
            }
        }
        #expect(bench.book.count == 0)
    }

    @Test func `shapes that make no sense are refused`() throws {
        var bench = Bench()
        for (shape, stride) in [(-1, 1), (Int64.max, 8), (2, Int64.max)] as [(Int64, Int64)] {
            #expect(throws: CallRefusal.self, "shape \(shape), stride \(stride)") {
                try bench.book.reference(
                    PlanBytes.function, PlanBytes.line(shape: shape, stride: stride),
                    &bench.costs)
            }
        }
    }

    @Test func `a tensor outside of the program's memory is found, wherever it reaches`() throws {
        var bench = Bench()
        let plan = try bench.reference(16)
        var memory = AllocationMap()
        memory.insert(.init(address: 0x1000, bytes: 128, device: 0))
        let cases: [(address: UInt64, offset: Int64, isForeign: Bool)] = [
            (0x1000, 0, false), (0x1040, 0, false), (0x1041, 0, true), (0xfff, 0, true),
            (0x1000, 16, false), (0x1000, 17, true), (0x1040, -16, false), (0x1040, -17, true),
            (0, 0, true), (.max, 0, true), (0x1000, .max, true), (0x1000, .min, true),
            (0x1000, 1 << 62, true),
        ]
        for (address, offset, isForeign) in cases {
            let values = [address, UInt64(bitPattern: offset)]
            let foreign = plan.firstForeignTensor(values[...], in: memory)
            #expect((foreign == 0) == isForeign, "\(address) with offset \(offset)")
        }
    }
}

@Suite struct PlanSlotsTests {
    @Test func `a slot holds one plan, and says what it held`() throws {
        var (book, costs) = (PlanBook(chip: .ascend910B2), CostBook())
        let (one, two) = (
            try book.reference(PlanBytes.function, PlanBytes.line(1), &costs),
            try book.reference(PlanBytes.function, PlanBytes.line(2), &costs)
        )
        var slots = PlanSlots(limit: 16)
        #expect(slots.replace(5, with: one) == nil)
        #expect(slots[5] === one)
        #expect(slots.replace(5, with: two) === one)
        #expect(slots.replace(0, with: one) == nil)
        #expect(slots.all.map(\.slot) == [0, 5])
        #expect(slots.removeAll().map(\.number) == [one.number, two.number])
        #expect(slots[5] == nil)
    }

    @Test func `a slot that nothing was put in is empty, however large`() {
        let slots = PlanSlots(limit: 16)
        #expect(slots[0] == nil)
        #expect(slots[.max] == nil)
    }
}
