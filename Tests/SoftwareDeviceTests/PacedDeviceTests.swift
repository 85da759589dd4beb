import Glibc
import SoftwareDevice
import Testing

@Suite struct PacedDeviceTests {
    @Test func `a device presents the chip it was told to be`() async {
        await #expect(processExitsWith: .success) {
            beginPaced(["CHIP": "Ascend910B4"])
            #expect(aclrtGetSocName().map { String(cString: $0) } == "Ascend910B4")
            var cores: Int64 = 0
            #expect(aclGetDeviceCapability(0, 0, &cores) == 0 && cores == 20)
            #expect(aclGetDeviceCapability(0, 1, &cores) == 0 && cores == 40)
            var (free, total) = (0, 0)
            #expect(aclrtGetMemInfo(1, &free, &total) == 0)
            #expect(total == 64 << 30)
            #expect(flexnpuDeviceIsPaced() == 1)
            let text = flexnpuDeviceDescription().map { String(cString: $0) } ?? ""
            #expect(text.hasPrefix("clock paced\nchip Ascend910B4\n"))
            #expect(flexnpuDeviceRunInline(1) == 200_006)
        }
    }

    @Test func `memory costs nothing until it is touched, and after it was cleared`() async {
        await #expect(processExitsWith: .success) {
            beginPaced(["CHIP": "Ascend910B2"])
            let (bytes, part) = (60 << 30, 64 << 20)
            let memory = made { aclrtMalloc($0, bytes, 0) }
            #expect(memory != nil)
            let before = residentBytes()
            #expect(aclrtMemset(memory.map { $0 + 12_345 }, part, 7, part) == 0)
            #expect(residentBytes() > before + part * 9 / 10)
            #expect(aclrtMemset(memory.map { $0 + 12_345 }, part, 0, part) == 0)
            #expect(residentBytes() < before + part / 10)
            var edges = [UInt8](repeating: 1, count: 2)
            #expect(aclrtMemcpy(&edges, 1, memory.map { $0 + 12_345 }, 1, 2) == 0)
            #expect(aclrtMemcpy(&edges[1], 1, memory.map { $0 + 12_344 + part }, 1, 2) == 0)
            #expect(edges == [0, 0])
            #expect(aclrtMemset(memory, part, 7, part) == 0)
            #expect(aclrtFree(memory) == 0)
            #expect(residentBytes() < before + part / 10)
        }
    }

    @Test func `operations above the count of flops leave their outputs untouched`() async {
        await #expect(processExitsWith: .success) {
            beginPaced(["COMPUTE": "20000"])
            let (small, large) = (
                DeviceVector(repeating: 1, count: 10_000), DeviceVector(repeating: 1, count: 30_000)
            )
            #expect(aclnnAdds(nil, 0, addition(to: small, of: 1), nil) == 0)
            #expect(aclnnAdds(nil, 0, addition(to: large, of: 1), nil) == 0)
            #expect(aclrtSynchronizeStream(nil) == 0)
            #expect(small.values.allSatisfy { $0 == 2 })
            #expect(large.values.allSatisfy { $0 == 1 })
        }
    }

    @Test func `an operation without arithmetic takes its time and leaves its outputs`() async {
        await #expect(processExitsWith: .success) {
            beginPaced()
            let (x, y) = (
                DeviceVector(repeating: 3, count: 1 << 16),
                DeviceVector(repeating: 5, count: 1 << 16)
            )
            let scale = DeviceVector(repeating: 7, count: 1)
            var workspaceBytes: UInt64 = 1
            let executor = made {
                aclnnDynamicQuantGetWorkspaceSize(
                    x.tensor, nil, y.tensor, scale.tensor, &workspaceBytes, $0)
            }
            #expect(workspaceBytes == 0)
            let (start, end) = (made { aclrtCreateEvent($0) }, made { aclrtCreateEvent($0) })
            #expect(aclrtRecordEvent(start, nil) == 0)
            #expect(aclnnDynamicQuant(nil, 0, executor, nil) == 0)
            #expect(aclrtRecordEvent(end, nil) == 0)
            #expect(aclrtSynchronizeStream(nil) == 0)
            // 2 µs of fixed cost and the second record's.
            #expect(eventNanoseconds(end) - eventNanoseconds(start) >= 4_000)
            #expect(y.values.allSatisfy { $0 == 5 })
            var unused: Handle?
            #expect(
                aclnnDynamicQuantGetWorkspaceSize(
                    nil, nil, y.tensor, scale.tensor, &workspaceBytes, &unused) == 161_001)
        }
    }

    @Test func `operations without arithmetic are refused on the free clock`() {
        _ = aclrtSetDevice(0)
        let x = DeviceVector(repeating: 3, count: 16)
        defer { x.drop() }
        var workspaceBytes: UInt64 = 0
        var executor: Handle?
        let code = aclnnDynamicQuantGetWorkspaceSize(
            x.tensor, nil, x.tensor, x.tensor, &workspaceBytes, &executor)
        #expect(code == 200_006)
        let message = aclGetRecentErrMsg().map { String(cString: $0) }
        #expect(message?.contains("FLEXNPU_DEVICE_TIMING_ONLY=1") == true)
    }

    @Test func `names of operations are either computed or timed`() {
        #expect(Set(TimingOnly.names).isDisjoint(with: OperationCatalog.names))
        #expect(TimingOnly.names.contains("aclnnFusedInferAttentionScoreV4"))
        let classes = TimingOnly.operation("aclnnIncreFlashAttentionV4")?.classes
        #expect(classes == "TLLTTITTTTTTTTTidsiiiT")
    }

    @Test func `calls take their host cost`() async {
        await #expect(processExitsWith: .success) {
            beginPaced(["HOST_COST_US": "300,200,100", "COMPUTE": "none"])
            let vector = DeviceVector(repeating: 0, count: 16)
            let event = made { aclrtCreateEvent($0) }
            let times = [
                { _ = addition(to: vector, of: 1) }, { _ = aclrtRecordEvent(event, nil) },
            ].map { call in
                let start = monotonicNanoseconds()
                for _ in 0..<10 { call() }
                return monotonicNanoseconds() - start
            }
            #expect(times[0] >= 3_000_000 && times[1] >= 1_000_000)
            let executor = addition(to: vector, of: 1)
            let start = monotonicNanoseconds()
            #expect(aclnnAdds(nil, 0, executor, nil) == 0)
            #expect(monotonicNanoseconds() - start >= 200_000)
        }
    }

    @Test func `copies take the link's time`() async {
        await #expect(processExitsWith: .success) {
            beginPaced(["SCALE": "50"])
            let bytes = 1 << 20
            var host = [UInt8](repeating: 1, count: bytes)
            let memory = made { aclrtMalloc($0, bytes, 0) }
            let start = monotonicNanoseconds()
            #expect(aclrtMemcpy(memory, bytes, host, bytes, 1) == 0)
            let took = monotonicNanoseconds() - start
            // 1 MiB over 64 GB/s × 0.7 takes 23 µs, stretched 50 times.
            #expect(took > 1_170_000)
            #expect(aclrtMemcpy(&host, bytes, memory, bytes, 2) == 0)
            #expect(host.allSatisfy { $0 == 1 })
        }
    }

    @Test func `how late the machine was can be asked`() async {
        await #expect(processExitsWith: .success) {
            beginPaced(["COMPUTE": "none"])
            var (count, latest, p99, makespan) = (UInt64(0), UInt64(0), UInt64(0), UInt64(0))
            var isValid: Int32 = -1
            #expect(flexnpuDeviceLateness(0, &count, &latest, &p99, &makespan, &isValid) == 0)
            #expect(count == 0 && isValid == 1)
            let timed = TimedStream()
            timed.launch(multiplication(4096), times: 10)
            #expect(aclrtSynchronizeStream(timed.stream) == 0)
            #expect(flexnpuDeviceLateness(0, &count, &latest, &p99, &makespan, &isValid) == 0)
            #expect(count > 0 && p99 <= latest && makespan >= timed.nanoseconds)
            #expect((isValid == 1) == (Double(latest) <= Double(makespan) * 0.02))
            #expect(flexnpuDeviceLateness(9, nil, nil, nil, nil, nil) == 107_001)
        }
    }
}

/// What the process has in memory, from the second number of statm.
private func residentBytes() -> Int {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var line = [UInt8](repeating: 0, count: 128)
    let count = fread(&line, 1, line.count, file)
    let words = String(decoding: line[..<count], as: UTF8.self).split(separator: " ")
    return (words.dropFirst().first.flatMap { Int($0) } ?? 0) * 4096
}
