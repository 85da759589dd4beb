import LinuxIO
import Synchronization

/// Threads that ask what may block: one a lane, made when the lane is first used.
///
/// Asks of a lane are answered in order, and no lane waits for another.
final class Lanes {
    private let shared: ExecutorShared
    private var lanes: [UInt32: Lane] = [:]
    /// Lanes whose thread may still be alive.
    private var started: [Lane] = []

    init(_ shared: ExecutorShared) { self.shared = shared }

    func ask(_ ask: DeviceAsk, lane number: UInt32, ticket: UInt64) {
        do throws(DeviceError) {
            try lane(number).append(ask, ticket: ticket)
        } catch {
            shared.answers.append(DeviceAnswer(error), ticket: ticket)
        }
    }

    /// The stream is destroyed in its lane, once the device's thread has let go of it: true where
    /// that is to be told so, false where nobody will destroy it.
    func expect(_ stream: UInt32, lane number: UInt32, ticket: UInt64) -> Bool {
        do throws(DeviceError) {
            let lane = try lane(number)
            lane.expectOne()
            shared.departures.add(stream, lane: lane, ticket: ticket)
            return true
        } catch {
            shared.answers.append(DeviceAnswer(error), ticket: ticket)
            return false
        }
    }

    func closeLane(_ number: UInt32) {
        lanes.removeValue(forKey: number)?.close()
        shared.memoryOwners.withLock { $0.forget(number) }
    }

    /// Lets every lane end after what it is doing now; what waits is not done any more.
    func stop() {
        for lane in started { lane.abandon() }
        lanes.removeAll()
    }

    /// Waits for the threads to end, at most so long.
    func waitForEnd(milliseconds: Int) {
        let deadline = MonotonicClock.now() + Int64(milliseconds) * 1_000_000
        for lane in started {
            let left = deadline - MonotonicClock.now()
            guard lane.ended.wait(milliseconds: max(0, Int(left / 1_000_000))) else { return }
        }
        started.removeAll()
    }

    private func lane(_ number: UInt32) throws(DeviceError) -> Lane {
        if let lane = lanes[number] { return lane }
        started.removeAll(where: \.hasEnded)
        guard started.count < ExecutorLimits.lanes else {
            throw DeviceError(
                code: 207_006, message: "\(started.count) clients ask this device at a time")
        }
        let lane = Lane(number)
        do throws(SystemError) {
            try startThread("ask \(shared.device)") { [shared] in lane.run(shared) }
        } catch {
            throw DeviceError(code: 207_003, message: error.description)
        }
        lanes[number] = lane
        started.append(lane)
        return lane
    }
}

/// One lane's queue, between the loop and its thread.
final class Lane: Sendable {
    private struct Queue {
        var asks = Fifo<(ask: DeviceAsk, ticket: UInt64)>()
        /// Asks that will come although the lane is closed.
        var expectedCount = 0
        var isClosed = false
    }

    private let number: UInt32
    private let queue = Mutex(Queue())
    private let arrived = Semaphore()
    private let isOver = Atomic<Bool>(false)
    let ended = Semaphore()

    init(_ number: UInt32) { self.number = number }

    var hasEnded: Bool { isOver.load(ordering: .acquiring) }

    func append(_ ask: DeviceAsk, ticket: UInt64) throws(DeviceError) {
        let hasRoom = queue.withLock { queue in
            guard queue.asks.count < ExecutorLimits.asksPerLane else { return false }
            queue.asks.append((ask, ticket))
            return true
        }
        guard hasRoom else {
            throw DeviceError(
                code: 207_006, message: "\(ExecutorLimits.asksPerLane) asks of one client wait")
        }
        arrived.signal()
    }

    func expectOne() { queue.withLock { $0.expectedCount += 1 } }

    /// An ask that was expected; there is always room for it.
    func appendExpected(_ ask: DeviceAsk, ticket: UInt64) {
        queue.withLock { queue in
            queue.expectedCount -= 1
            queue.asks.append((ask, ticket))
        }
        arrived.signal()
    }

    func close() {
        queue.withLock { $0.isClosed = true }
        arrived.signal()
    }

    func abandon() {
        queue.withLock { queue in
            queue.asks = Fifo()
            queue.expectedCount = 0
            queue.isClosed = true
        }
        arrived.signal()
    }

    func run(_ shared: ExecutorShared) {
        let worker = AskWorker(shared, runtime: shared.access.forOneThread())
        while let (ask, ticket) = nextAsk() {
            shared.answers.append(worker.answer(ask, lane: number), ticket: ticket)
            if ask.removesSomething { shared.commands.wakeReader() }
        }
        isOver.store(true, ordering: .releasing)
        ended.signal()
    }

    /// Waits for an ask; nil when the lane is closed and nothing is left.
    private func nextAsk() -> (ask: DeviceAsk, ticket: UInt64)? {
        while true {
            let (found, isOver) = queue.withLock { queue in
                (queue.asks.popFirst(), queue.isClosed && queue.expectedCount <= 0)
            }
            if let found { return found }
            if isOver { return nil }
            arrived.wait()
        }
    }
}

extension DeviceAsk {
    /// The device's thread has something to let go of.
    var removesSomething: Bool {
        switch self {
        case .destroyStream, .dropPlan: true
        default: false
        }
    }
}
