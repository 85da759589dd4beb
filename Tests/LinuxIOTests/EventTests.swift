import Glibc
import LinuxIO
import Testing

@Suite struct EventTests {
    private let folder = TemporaryFolder()

    @Test func `a bell wakes the one that waits, under its token`() throws {
        let epoll = try Epoll()
        let bells = try [EventFD(), EventFD()]
        for (index, bell) in bells.enumerated() {
            try epoll.add(bell.rawValue, token: UInt64(index) + 10)
        }
        #expect(tokens(epoll) == [])
        bells[1].ring()
        bells[1].ring()
        #expect(tokens(epoll) == [11])
        bells[1].drain()
        #expect(tokens(epoll) == [])
        bells[0].ring()
        epoll.remove(bells[0].rawValue)
        #expect(tokens(epoll) == [])
    }

    @Test func `a wait lasts as long as it should, to a fraction of a millisecond`() throws {
        let epoll = try Epoll()
        let start = MonotonicClock.now()
        epoll.wait(timeoutNanoseconds: 300_000) { _ in }
        let took = MonotonicClock.now() - start
        #expect(took >= 300_000)
        #expect(took < 500_000_000)
    }

    @Test func `shared memory cannot be cut off`() throws {
        let memory = try SharedMemory(name: "test", count: 8192)
        memory.base.storeBytes(of: 42, as: UInt64.self)
        #expect(memory.base.load(as: UInt64.self) == 42)
        #expect(ftruncate(memory.rawValue, 0) != 0)
        #expect(ftruncate(memory.rawValue, 1 << 20) != 0)
        #expect(throws: SystemError.self) { try SharedMemory(name: "none", count: 0) }
    }

    @Test func `ticks and the system's clock agree`() {
        let clock = TickClock()
        for _ in 0..<20 {
            let before = MonotonicClock.now()
            let now = clock.now()
            let after = MonotonicClock.now()
            // A calibration of 10 ms leaves some millionths, and a moved virtual machine a little
            // more.
            #expect(now > before - 200_000 && now < after + 200_000)
        }
    }

    @Test(arguments: [0, 1, UInt64.max, UInt64.max / 2, UInt64.max / 2 + 1, 1 << 63])
    func `a stamp may be any number`(ticks: UInt64) {
        let clock = TickClock()
        _ = clock.nanoseconds(ticks: ticks)
        #expect(clock.nanoseconds(span: ticks) >= 0)
    }

    @Test func `saving a file in either way is seen`() throws {
        let watch = try FolderWatch(folder: folder.path)
        let epoll = try Epoll()
        try epoll.add(watch.rawValue, token: 1)
        #expect(tokens(epoll) == [])
        try replaceFile(folder.file("policy.lua"), with: [1])
        #expect(tokens(epoll) == [1])
        watch.drain()
        #expect(tokens(epoll) == [])
    }

    @Test func `a sleeper on a word is woken`() throws {
        let memory = try SharedMemory(name: "word", count: 4096)
        let woken = Semaphore()
        let word = memory.address
        try startThread("sleeper") {
            guard let pointer = UnsafeMutablePointer<UInt32>(bitPattern: UInt(word)) else { return }
            Futex.wait(pointer, while: 1)
            woken.signal()
        }
        guard let pointer = UnsafeMutablePointer<UInt32>(bitPattern: UInt(word)) else { return }
        var tries = 0
        while !woken.wait(milliseconds: 5), tries < 400 {
            Futex.wake(pointer)
            tries += 1
        }
        #expect(tries < 400)
        withExtendedLifetime(memory) {}
    }

    private func tokens(_ epoll: Epoll) -> [UInt64] {
        var found: [UInt64] = []
        epoll.wait(timeoutNanoseconds: 0) { found.append($0) }
        return found.sorted()
    }
}
