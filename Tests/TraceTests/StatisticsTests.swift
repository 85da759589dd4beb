import AscendCL
import Testing
import Trace
import Wire

@Suite("Statistics")
struct StatisticsTests {
    @Test("Counts, durations, shares and bytes add up")
    func sums() throws {
        var events = trainingProgram(steps: 10, layers: 2).events
        var second = SyntheticProgram(name: "serve.py")
        second.client = ClientID(rawValue: 2)
        second.call("aclrtMemcpyAsync", [1, 4096, 2, 4096, 1, 9], thread: 1, stream: 9)
        second.call(
            "aclrtMemcpyAsync", [1, 4096, 2, 4096, 1, 9], thread: 2, stream: 9, duration: 300)
        second.kernel("aclnnAdd", Encoded.tensor([4]), [64], phase: .prefill)
        events += second.events.dropFirst()
        events.append(
            .policy(PolicyEvent(time: 2_000_000, what: .loaded, load: 1, name: "fifo", detail: "")))
        let reader = try TraceReader(source: try written(events), table: testTable)
        let statistics = try TraceStatistics(reader)
        #expect(statistics.calls == 10 * 13 + 3 + 3)
        #expect(statistics.operations == 121)
        #expect(statistics.busyNanoseconds == 121 * 500)
        #expect(statistics.policies.map(\.name) == ["fifo"])
        #expect(statistics.policies[0].timeNanoseconds == 1_000_000)
        let train = try #require(statistics.clients.first)
        #expect(train.name == "train.py")
        #expect(train.share == 120.0 / 121.0)
        #expect(train.phases.map(\.phase) == ["decode"])
        #expect(train.phases[0].waits.p99Nanoseconds == 100)
        let gelu = try #require(train.functions.first { $0.name == "aclnnGelu" })
        #expect(gelu.calls.count == 20)
        #expect(gelu.operations.meanNanoseconds == 500)
        #expect(gelu.bytes == 20 * 2 * 32 * 128 * 4)
        let serve = statistics.clients[1]
        #expect(serve.threads == 3)
        let copy = try #require(serve.functions.first { $0.name == "aclrtMemcpyAsync" })
        #expect(copy.bytes == 8192)
        #expect(copy.calls.totalNanoseconds == 1000)
        #expect(copy.calls.maximumNanoseconds == 700)
    }

    @Test("Quantiles are within 3 %", arguments: UInt64(1)...5)
    func quantiles(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var histogram = DurationHistogram()
        var values: [Int64] = []
        for _ in 0..<5000 {
            let value = Int64(random.next() >> UInt64.random(in: 10..<63, using: &random))
            histogram.add(value)
            values.append(value)
        }
        values.sort()
        for share in [0.01, 0.25, 0.5, 0.9, 0.99, 1] {
            let exact = Double(values[max(0, Int((share * 5000).rounded(.up)) - 1)])
            let found = Double(histogram.quantile(share))
            #expect(found >= exact && found <= exact * 1.0323 + 1, "seed \(seed), \(share)")
        }
        #expect(DurationHistogram().quantile(0.5) == 0)
    }

    @Test("The table reads well")
    func text() throws {
        let reader = try TraceReader(
            source: try written(trainingProgram(steps: 2, layers: 1).events), table: testTable)
        let text = try TraceStatistics(reader).text(limit: 2)
        let lines = text.split(separator: "\n").map(String.init)
        #expect(
            lines.prefix(5) == [
                "15.3 µs, 17 calls, 12 operations, device busy 6.00 µs, lost 0",
                "client             calls  operations     busy    share  lost",
                "train.py tenant=a     17          12  6.00 µs  100.0 %     0",
                "train.py (client 1, pid 4242, route)",
                "  phase   operations     busy     p50     p99  wait p50  wait p99",
            ], "\(text)")
        #expect(
            lines[6].split(separator: " ").prefix(5) == ["function", "calls", "call", "p50", "p99"])
        #expect(lines.last == "  … 8 more functions")
    }
}
