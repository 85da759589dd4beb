import Device
import Testing

/// The owners as an object: an expectation does not change a value.
private final class Owners {
    private var owners = MemoryOwners()
    var spanCount: Int { owners.spanCount }
    func claim(_ address: UInt64, bytes: UInt64, owner: UInt32) -> Bool {
        owners.claim(address, bytes: bytes, owner: owner)
    }
    func forget(_ owner: UInt32) { owners.forget(owner) }
}

/// Memory that passes from one program to another is cleared; what a program gets again is not.
@Suite struct MemoryOwnersTests {
    @Test func `memory is one's own when one was the last to have all of it`() {
        let owners = Owners()
        #expect(!owners.claim(1000, bytes: 100, owner: 1), "nobody knows what was there")
        #expect(owners.claim(1000, bytes: 100, owner: 1))
        #expect(owners.claim(1020, bytes: 80, owner: 1))
        #expect(!owners.claim(1020, bytes: 81, owner: 1), "one byte more")
        #expect(!owners.claim(1050, bytes: 1, owner: 2))
        #expect(!owners.claim(1000, bytes: 100, owner: 1), "another had a byte of it")
        #expect(owners.claim(1000, bytes: 100, owner: 1))
    }

    @Test func `neighbours become one, and a gap between them is nobody's`() {
        let owners = Owners()
        _ = owners.claim(0, bytes: 10, owner: 1)
        _ = owners.claim(20, bytes: 10, owner: 1)
        #expect(owners.spanCount == 2)
        #expect(!owners.claim(0, bytes: 30, owner: 1))
        #expect(owners.spanCount == 1)
        _ = owners.claim(30, bytes: 10, owner: 1)
        #expect(owners.spanCount == 1)
    }

    @Test func `who has gone owns nothing`() {
        let owners = Owners()
        _ = owners.claim(0, bytes: 10, owner: 1)
        _ = owners.claim(10, bytes: 10, owner: 2)
        owners.forget(1)
        #expect(owners.spanCount == 1)
        #expect(!owners.claim(0, bytes: 10, owner: 1))
        #expect(owners.claim(10, bytes: 10, owner: 2))
    }

    @Test func `addresses at the end of all addresses are nobody's`() {
        let owners = Owners()
        #expect(!owners.claim(.max - 5, bytes: 10, owner: 1))
        #expect(!owners.claim(.max - 5, bytes: 10, owner: 1))
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `the spans say what an array of owners says`(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let owners = Owners()
        var model = [UInt32](repeating: 0, count: 200)
        for step in 0..<5000 {
            if Int.random(in: 0..<50, using: &random) == 0 {
                let gone = UInt32.random(in: 1...4, using: &random)
                owners.forget(gone)
                model = model.map { $0 == gone ? 0 : $0 }
                continue
            }
            let start = Int.random(in: 0..<190, using: &random)
            let end = Int.random(in: start + 1...200, using: &random)
            let owner = UInt32.random(in: 1...4, using: &random)
            let isOwn = model[start..<end].allSatisfy { $0 == owner }
            let said = owners.claim(UInt64(start), bytes: UInt64(end - start), owner: owner)
            #expect(said == isOwn, "seed \(seed), step \(step)")
            for index in start..<end { model[index] = owner }
        }
    }

    @Test(arguments: Bench.Kind.allCases)
    func `what one program leaves no other reads, and itself may`(_ kind: Bench.Kind) throws {
        let bench = try Bench(kind, try TestLibraries.faultDevice().library)
        let secret: [Int64] = Array(repeating: 0x5ec2e7, count: 64)
        for _ in 0..<20 {
            let address = try bench.require(.allocate(bytes: 512, policy: 0), lane: 1)[0]
            try bench.write(secret, to: address)
            try bench.require(.free(address: address), lane: 1)
            let again = try bench.require(.allocate(bytes: 512, policy: 0), lane: 1)[0]
            #expect(again == address)
            #expect(try bench.read(again, count: 64) == secret)
            try bench.require(.free(address: again), lane: 1)
            let other = try bench.require(.allocate(bytes: 512, policy: 0), lane: 2)[0]
            #expect(try bench.read(other, count: 64).allSatisfy { $0 == 0 })
            #expect(other == again, "memory passes from one to the other")
            try bench.require(.free(address: other), lane: 2)
        }
    }

    @Test(arguments: Bench.Kind.allCases)
    func `a lane that was closed begins anew`(_ kind: Bench.Kind) throws {
        let bench = try Bench(kind, try TestLibraries.faultDevice().library)
        let address = try bench.require(.allocate(bytes: 512, policy: 0), lane: 1)[0]
        try bench.write(Array(repeating: 7, count: 64), to: address)
        try bench.require(.free(address: address), lane: 1)
        bench.executor.closeLane(1)
        let again = try bench.require(.allocate(bytes: 512, policy: 0), lane: 1)[0]
        #expect(again == address)
        #expect(try bench.read(again, count: 64).allSatisfy { $0 == 0 })
    }
}
