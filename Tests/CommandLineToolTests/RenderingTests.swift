import CommandLineTool
import Testing
import Wire

@Suite struct RenderingTests {
    private func client(
        _ id: UInt32, _ name: String, labels: [String: String] = [:], phases: [PhaseAccount]
    ) -> ClientStatus {
        ClientStatus(
            id: ClientID(rawValue: id), pid: Int32(id) + 1000, name: name, mode: "route",
            labels: labels, weight: 1, connectedNanoseconds: 0, calls: 12_400, lost: 0,
            memoryBytes: 1 << 20, streams: 2, phases: phases)
    }

    private var policy: PolicyStatus {
        PolicyStatus(
            load: 3, name: "fair", version: 2, origin: "/p/fair.lua", state: .live,
            decisions: 1_250_000, breaches: 1, lastBreach: "fair.lua:7: too many instructions",
            options: [
                PolicyOption(
                    key: "window_us", value: "100", standard: "200", minimum: 1, maximum: 10_000,
                    doc: "work in flight"),
                PolicyOption(key: "mode", value: "x", standard: "y", doc: "a word"),
            ], watched: true)
    }

    @Test func `columns are as wide as what is in them`() {
        var table = TextTable([.init("A"), .init("NUMBER", .right), .init("")])
        table.append(["long one", "1", "x"])
        table.append(["b", "1000000", ""])
        #expect(
            table.lines() == ["A          NUMBER", "long one        1  x", "b         1000000"])
        let coloured = table.lines(style: Style(isOn: true))
        #expect(coloured[0] == "\u{1b}[1mA          NUMBER\u{1b}[0m")
    }

    @Test func `numbers have three figures and a unit`() {
        #expect(
            [0, 999, 1000, 12_345, 999_999, 1_500_000_000].map(Units.duration) == [
                "0 ns", "999 ns", "1.00 µs", "12.3 µs", "1000 µs", "1.50 s",
            ])
        #expect(Units.duration(125_000_000_000) == "2 min 5 s")
        #expect(Units.duration(7_380_000_000_000) == "2 h 3 min")
        #expect(
            [0, 1023, 1536, 8 << 30].map(Units.bytes) == [
                "0 B", "1023 B", "1.50 KiB", "8.00 GiB",
            ])
        #expect(
            [0, 1.5, 950, 12_400, 3_100_000, 2e9].map(Units.count) == [
                "0", "1.50", "950", "12.4k", "3.10M", "2.00G",
            ])
        #expect(Units.percent(0.7) == "70.0%")
        #expect(Units.percent(.nan) == "-")
    }

    @Test func `clients are listed by their number`() {
        let lines = ClientTable.lines([
            client(2, "python3", labels: ["tenant": "b", "phase": "decode"], phases: []),
            client(
                1, "train", phases: [PhaseAccount(phase: .other, busyNanoseconds: 2_000_000)]),
        ])
        #expect(
            lines == [
                "CLIENT   PID  PROGRAM  MODE   WEIGHT  STREAMS    MEMORY  CALLS  LOST     BUSY  LABELS",
                "     1  1001  train    route       1        2  1.00 MiB  12.4k     0  2.00 ms",
                "     2  1002  python3  route       1        2  1.00 MiB  12.4k     0     0 ns  "
                    + "phase=decode tenant=b",
            ])
        #expect(ClientTable.lines([]) == ["no program is connected"])
    }

    private func account(_ phase: Phase, _ busy: Int64, _ operations: UInt64) -> PhaseAccount {
        PhaseAccount(
            phase: phase, operations: operations, queued: 3, busyNanoseconds: busy,
            waitedP50Nanoseconds: 5000, waitedP99Nanoseconds: 90_000)
    }

    private func device(_ number: Int32, _ busy: Nanoseconds) -> DeviceStatus {
        DeviceStatus(
            device: DeviceID(rawValue: number), busyNanoseconds: busy, operations: 1, inFlight: 0,
            ready: 0, memoryUsedBytes: 0, memoryTotalBytes: 1 << 30)
    }

    @Test func `top shows what was used between two looks`() {
        let before = [client(1, "train", phases: [account(.other, 1_000_000_000, 500)])]
        let after = [
            client(1, "train", phases: [account(.other, 1_600_000_000, 1500)]),
            client(
                2, "serve", labels: ["tenant": "b"],
                phases: [account(.prefill, 100_000_000, 10), account(.decode, 300_000_000, 40)]),
            client(3, "idle", phases: []),
        ]
        let view = TopView(
            before: .init(clients: before, devices: [device(0, 5_000_000_000), device(1, 7)]),
            after: .init(clients: after, devices: [device(0, 6_000_000_000), device(1, 7)]),
            intervalNanoseconds: 2_000_000_000, policy: "fair (load 1)")
        #expect(view.rows.map(\.program) == ["train", "serve", "serve", "idle"])
        #expect(view.rows.map(\.share) == [0.6, 0.3, 0.1, 0])
        #expect(view.devices.map(\.busy) == [0.5, 0])
        #expect(
            view.lines() == [
                "device 0 50.0%, device 1 0.0% busy over 2.00 s, policy fair (load 1)",
                "CLIENT   PID  PROGRAM  PHASE    SHARE   BUSY  OPS/S  QUEUED  WAIT P50  WAIT P99  LABELS",
                "     1  1001  train    other    60.0%  30.0%    500       3   5.00 µs   90.0 µs",
                "     2  1002  serve    decode   30.0%  15.0%     20       3   5.00 µs   90.0 µs  tenant=b",
                "     2  1002  serve    prefill  10.0%   5.0%      5       3   5.00 µs   90.0 µs  tenant=b",
                "     3  1003  idle     other     0.0%   0.0%      0       0      0 ns      0 ns",
            ])
    }

    @Test func `operations that overlap make nobody busier than the device`() {
        // Two operations of 1 s each ran beside each other.
        let after = [client(1, "a", phases: [account(.decode, 2_000_000_000, 2)])]
        let view = TopView(
            before: .init(clients: [], devices: [device(0, 0)]),
            after: .init(clients: after, devices: [device(0, 1_000_000_000)]),
            intervalNanoseconds: 1_000_000_000, policy: "")
        #expect(view.devices.map(\.busy) == [1])
        #expect(view.rows.map(\.busy) == [1])
        #expect(view.rows.map(\.share) == [1])
    }

    @Test func `a counter that began anew is no negative rate`() {
        let before = [
            client(1, "a", phases: [PhaseAccount(phase: .other, operations: 9, busyNanoseconds: 9)])
        ]
        let after = [client(1, "a", phases: [PhaseAccount(phase: .other)])]
        let view = TopView(
            before: .init(clients: before, devices: []), after: .init(clients: after, devices: []),
            intervalNanoseconds: 0, policy: "")
        #expect(view.rows[0].operationsPerSecond == 0)
        #expect(view.rows[0].busy == 0)
    }

    @Test func `a policy is shown with its options and its last breach`() {
        #expect(
            PolicyListing.details(policy) == [
                "fair version 2 (load 3, live), /p/fair.lua", "decisions  1250000",
                "breaches   1, last: fair.lua:7: too many instructions",
                "watched    yes: saving the file swaps it", "",
                "OPTION     VALUE  DEFAULT  RANGE       MEANING",
                "window_us    100      200  1 to 10000  work in flight",
                "mode           x        y              a word",
            ])
        var talking = policy
        talking.options = []
        talking.log = ["one", "two"]
        #expect(
            PolicyListing.details(talking).suffix(4)
                == ["options    none", "", "log", "  one", "  two"].suffix(4))
        #expect(
            PolicyListing.table([policy])[1]
                == "   3  fair          2  live       1.25M         1  yes      /p/fair.lua")
    }

    @Test func `the status says what cannot be seen otherwise`() {
        let status = DaemonStatus(
            version: "1", pid: 7, uptimeNanoseconds: 65_000_000_000, socket: "/s",
            deviceLibrary: "/d", socName: "Ascend910B2",
            devices: [
                DeviceStatus(
                    device: DeviceID(rawValue: 0), busyNanoseconds: 1000, operations: 3,
                    inFlight: 1,
                    ready: 2, memoryUsedBytes: 0, memoryTotalBytes: 1 << 30,
                    lateness: DeviceLateness(
                        completions: 12_400, latestNanoseconds: 30_000_000,
                        p99Nanoseconds: 200_000, makespanNanoseconds: 1_000_000_000,
                        isValid: false))
            ], clients: 2, policy: policy,
            trace: TraceStatus(
                directory: "/t", events: 5, bytes: 10, lost: 1, failure: "disk full"),
            isolation: "addresses", residentBytes: 1 << 20)
        #expect(
            StatusReport.lines(status) == [
                "daemon     1, process 7, up 1 min 5 s, 1.00 MiB resident", "socket     /s",
                "library    /d (Ascend910B2)", "clients    2",
                "policy     fair version 2 (load 3, live), /p/fair.lua",
                "recording  5 events, 10 B, 1 lost, in /t; stopped: disk full",
                "isolation  addresses",
                "",
                "DEVICE     BUSY  OPERATIONS  IN FLIGHT  READY  MEMORY        OF",
                "     0  1.00 µs           3          1      2     0 B  1.00 GiB",
                "device 0's chip time: 99 % of 12.4k at most 200 µs late, the latest 30.0 ms, "
                    + "3.0% of the run: invalid, it shows the machine and not the chip; "
                    + "use a larger scale",
            ])
        #expect(TraceReport.line(TraceStatus()) == "off")
    }

    @Test func `a device library is summed up`() {
        let facts = DeviceReport(
            library: "/d", chip: "Ascend910B2",
            devices: [.init(device: 0, memoryFreeBytes: 1 << 30, memoryTotalBytes: 8 << 30)],
            functions: 320, functionsInTable: 2924, operations: ["aclnnAdd", "aclnnMul"])
        #expect(
            facts.lines == [
                "library     /d", "functions   320 of the 2924 in the table",
                "operations  2 (flexnpu device --operations lists them)", "",
                "DEVICE  CHIP         MEMORY FREE        OF",
                "     0  Ascend910B2     1.00 GiB  8.00 GiB",
            ])
        #expect(facts.operationLines == ["aclnnAdd", "aclnnMul"])
    }

    @Test func `a paced software device tells its settings`() {
        let setup = DeviceSetup(
            """
            clock paced
            chip Ascend910B3
            scale 10.0
            host-cost-us 8.0,4.0,4.0
            compute up to 1e+09 flops
            timing-only offered
            record-us 2.0
            wait-us 1.5
            ignored FLEXNPU_DEVICE_COUNT=x (1…64)
            timing-only-operation aclnnMlaProlog
            """)
        let facts = DeviceReport(
            library: "/d", chip: "Ascend910B3", devices: [], functions: 1, functionsInTable: 2,
            operations: ["aclnnAdd", "aclnnMul"], setup: setup)
        #expect(
            facts.lines.dropFirst(2).dropLast(2) == [
                "operations  2 computed, 1 timing only (flexnpu device --operations lists them)",
                "clock       paced, chip time x 10.0",
                "host cost   8.0,4.0,4.0 µs (phase one, phase two, the rest)",
                "computes    up to 1e+09 flops",
                "model       record-us 2.0, wait-us 1.5",
                "ignored     FLEXNPU_DEVICE_COUNT=x (1…64)",
            ])
        #expect(facts.operationLines == ["aclnnAdd", "aclnnMlaProlog  timing only", "aclnnMul"])
    }
}
