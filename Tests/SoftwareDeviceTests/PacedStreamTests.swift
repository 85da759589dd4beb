import Glibc
import SoftwareDevice
import Testing

@Suite struct PacedStreamTests {
    @Test func `two streams of half the cores each finish in the time of one`() async {
        await #expect(processExitsWith: .success) {
            beginPaced(["COMPUTE": "none", "SCALE": "20"])
            let half = halfOfTheCores()
            let alone = TimedStream()
            alone.launch(half, times: 20, after: lateEvent())
            #expect(aclrtSynchronizeStream(alone.stream) == 0)
            let (one, two) = (TimedStream(), TimedStream())
            let late = lateEvent()
            one.launch(half, times: 20, after: late)
            two.launch(half, times: 20, after: late)
            #expect(aclrtSynchronizeDevice() == 0)
            let both =
                max(one.endNanoseconds, two.endNanoseconds)
                - min(one.startNanoseconds, two.startNanoseconds)
            #expect(both < alone.nanoseconds + alone.nanoseconds / 20)
        }
    }

    @Test func `two streams that want all cores are served one after the other`() async {
        await #expect(processExitsWith: .success) {
            beginPaced(["COMPUTE": "none", "SCALE": "20"])
            let whole = multiplication(2048)
            let alone = TimedStream()
            alone.launch(whole, times: 20, after: lateEvent())
            #expect(aclrtSynchronizeStream(alone.stream) == 0)
            let (one, two) = (TimedStream(), TimedStream())
            let late = lateEvent()
            one.launch(whole, times: 20, after: late)
            two.launch(whole, times: 20, after: late)
            #expect(aclrtSynchronizeDevice() == 0)
            let both = max(one.endNanoseconds, two.endNanoseconds) - one.startNanoseconds
            #expect(both > alone.nanoseconds * 19 / 10)
        }
    }

    @Test func `what is in the chip's queues in time has the same times to the nanosecond`() async {
        await #expect(processExitsWith: .success) {
            beginPaced(["COMPUTE": "none", "SCALE": "20"])
            let (half, whole) = (halfOfTheCores(), multiplication(1024))
            let times = (0..<3).map { _ in
                let (one, two, late) = (TimedStream(), TimedStream(), lateEvent())
                one.launch(half, times: 5, after: late)
                two.launch(whole, times: 15, after: late)
                _ = aclrtSynchronizeDevice()
                return [one.nanoseconds, two.nanoseconds]
            }
            #expect(times[0] == times[1] && times[1] == times[2])
            #expect(times[0].allSatisfy { $0 > 0 })
        }
    }

    @Test func `the higher priority goes first where cores are scarce`() async {
        await #expect(processExitsWith: .success) {
            beginPaced(["COMPUTE": "none", "SCALE": "20"])
            let whole = multiplication(2048)
            let (low, high) = (TimedStream(priority: 7), TimedStream(priority: 0))
            let late = lateEvent()
            low.launch(whole, times: 20, after: late)
            high.launch(whole, times: 10, after: late)
            #expect(aclrtSynchronizeDevice() == 0)
            #expect(high.endNanoseconds < low.endNanoseconds)
            #expect(high.nanoseconds < low.nanoseconds * 6 / 10)
        }
    }

    @Test(arguments: ["1", "10"]) func `random waits between streams keep the program's order`(
        scale: String
    ) async {
        await #expect(processExitsWith: .success) { [scale] in
            beginPaced(["SCALE": scale])
            checkRandomWaits(devices: 1)
        }
    }

    @Test func `waits between devices keep the program's order`() async {
        await #expect(processExitsWith: .success) {
            beginPaced()
            checkRandomWaits(devices: 2)
        }
    }

    @Test func `nothing is seen before the chip and the arithmetic are done with it`() async {
        await #expect(processExitsWith: .success) {
            beginPaced(["SCALE": "3"])
            let vector = DeviceVector(repeating: 0, count: 1 << 16)
            let (stream, event) = (made { aclrtCreateStream($0) }, made { aclrtCreateEvent($0) })
            for step in 1...200 {
                _ = aclnnAdds(nil, 0, addition(to: vector, of: 1), stream)
                #expect(aclrtRecordEvent(event, stream) == 0)
                var status: Int32 = -1
                if step % 2 == 0 {
                    while aclrtQueryEventStatus(event, &status) == 0, status == 0 {}
                } else {
                    #expect(aclrtSynchronizeEvent(event) == 0)
                }
                #expect(eventNanoseconds(event) <= monotonicNanoseconds())
                #expect(eventNanoseconds(event) > 0)
                var first: Float = -1
                #expect(aclrtMemcpy(&first, 4, vector.address, 4, 2) == 0)
                #expect(first == Float(step))
            }
        }
    }

    @Test func `a timeout that comes before the chip's time is told`() async {
        await #expect(processExitsWith: .success) {
            beginPaced(["COMPUTE": "none", "SCALE": "100"])
            let timed = TimedStream()
            timed.launch(multiplication(4096), times: 2)
            #expect(aclrtSynchronizeStreamWithTimeout(timed.stream, 0) == 507_046)
            #expect(aclrtSynchronizeEventWithTimeout(timed.end, 1) == 507_046)
            var status: Int32 = -1
            #expect(aclrtStreamQuery(timed.stream, &status) == 0 && status == 1)
            #expect(aclrtSynchronizeStreamWithTimeout(timed.stream, 60_000) == 0)
            #expect(aclrtStreamQuery(timed.stream, &status) == 0 && status == 0)
            var milliseconds: Float = 0
            #expect(aclrtEventElapsedTime(&milliseconds, timed.start, timed.end) == 0)
            #expect(abs(Double(milliseconds) * 1e6 - Double(timed.nanoseconds)) < 1e3)
            #expect(milliseconds > 100)
        }
    }

    @Test func `aborting lets those go on who wait for what was dropped`() async {
        await #expect(processExitsWith: .success) {
            beginPaced(["COMPUTE": "none", "SCALE": "100"])
            let (one, two) = (TimedStream(), TimedStream())
            one.launch(multiplication(8192), times: 1_000)
            #expect(aclrtStreamWaitEvent(two.stream, one.end) == 0)
            two.launch(multiplication(128), times: 1)
            #expect(aclrtStreamAbort(one.stream) == 0)
            #expect(aclrtSynchronizeStream(two.stream) == 0)
            #expect(aclrtSynchronizeStream(one.stream) == 0)
            for stream in [one.stream, two.stream] { #expect(aclrtDestroyStreamForce(stream) == 0) }
        }
    }
}

/// An executor prepared under a limit of half the cube cores.
private func halfOfTheCores() -> Handle? {
    let stream = made { aclrtCreateStream($0) }
    _ = aclrtSetStreamResLimit(stream, 0, 12)
    _ = aclrtUseStreamResInCurrentThread(stream)
    defer { _ = aclrtUnuseStreamResInCurrentThread(stream) }
    return multiplication(2048)
}

/// Work that hops between streams with events writes one block of memory; the last write must win.
private func checkRandomWaits(devices: Int32) {
    var generator = RepeatableGenerator(state: 3)
    var streams: [(device: Int32, handle: Handle?)] = []
    for index in 0..<Int32(4) {
        _ = aclrtSetDevice(index % devices)
        streams.append((index % devices, made { aclrtCreateStream($0) }))
    }
    let event = made { aclrtCreateEventExWithFlag($0, 8) }
    var host = [UInt8](repeating: 0, count: 1 << 12)
    let device = made { aclrtMalloc($0, host.count, 0) }
    var last = 0
    for step in 0..<1_000 {
        let next = Int.random(in: 0..<4, using: &generator)
        if next != last {
            #expect(aclrtRecordEvent(event, streams[last].handle) == 0)
            #expect(aclrtStreamWaitEvent(streams[next].handle, event) == 0)
        }
        last = next
        let value = UInt8(truncatingIfNeeded: step)
        if step % 2 == 0 {
            for index in host.indices { host[index] = value }
            let stream = streams[next].handle
            #expect(aclrtMemcpyAsync(device, host.count, host, host.count, 1, stream) == 0)
        } else {
            let stream = streams[next].handle
            #expect(aclrtMemsetAsync(device, host.count, Int32(value), host.count, stream) == 0)
        }
    }
    #expect(aclrtSynchronizeStream(streams[last].handle) == 0)
    #expect(aclrtMemcpy(&host, host.count, device, host.count, 2) == 0)
    #expect(host.allSatisfy { $0 == UInt8(truncatingIfNeeded: 999) })
}
