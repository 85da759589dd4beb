import CommandLineTool
import Testing
import Wire

/// Whatever programs and policies say, a terminal is told nothing by it.
@Suite struct PrintableOutputTests {
    /// Clears the screen, rings, goes back, turns the writing round, is an 8-bit CSI.
    private static let hostile = "x\u{1b}[2J\u{7}\r\u{202e}\u{9b}31m\ny"
    private static let shown = "x\\u{1b}[2J\\u{7}\\r\\u{202e}\\u{9b}31m\\ny"

    private let client = ClientStatus(
        id: ClientID(rawValue: 1), pid: 1, name: hostile, mode: hostile,
        labels: [hostile: hostile], weight: 1, connectedNanoseconds: 0, calls: 1, lost: 0,
        memoryBytes: 0, streams: 0, phases: [],
        limits: [
            LimitUse(name: hostile, used: 1 << 20, limit: nil, isBytes: true),
            LimitUse(name: "queue", used: nil, limit: 4096, isBytes: false),
        ], user: 1000)

    private let policy = PolicyStatus(
        load: 1, name: hostile, version: 1, origin: hostile, state: .live, decisions: 0,
        breaches: 1, lastBreach: hostile,
        options: [PolicyOption(key: hostile, value: hostile, standard: hostile, doc: hostile)],
        watched: false, log: [hostile])

    private func expectClean(_ lines: [String], times: Int) {
        let text = lines.joined()
        #expect(
            text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x202e }, "\(lines)")
        #expect(!text.unicodeScalars.contains { (0x7f..<0xa0).contains($0.value) })
        #expect(text.split(separator: Self.shown, omittingEmptySubsequences: false).count > times)
    }

    @Test func `clients and their limits`() {
        expectClean(ClientTable.lines([client]), times: 4)
        expectClean(ClientTable.limitLines([client]), times: 2)
        let cells = ClientTable.limitLines([client]).last?.split(separator: " ").suffix(3)
        #expect(cells == ["queue", "-", "4096"])
        let look = TopView.Look(clients: [client], devices: [])
        let top = TopView(
            before: look, after: look, intervalNanoseconds: 1, policy: Self.hostile)
        expectClean(top.lines(), times: 4)
    }

    @Test func `policies`() {
        expectClean(PolicyListing.table([policy]), times: 2)
        expectClean(PolicyListing.details(policy), times: 8)
    }

    @Test func `the daemon and its recording`() {
        let trace = TraceStatus(directory: Self.hostile, failure: Self.hostile)
        let status = DaemonStatus(
            version: "1", pid: 1, uptimeNanoseconds: 0, socket: Self.hostile,
            deviceLibrary: Self.hostile, socName: Self.hostile, devices: [], clients: 1,
            policy: policy, trace: trace, isolation: Self.hostile, residentBytes: 0,
            isDraining: true)
        expectClean(StatusReport.lines(status), times: 8)
        #expect(StatusReport.lines(status).contains { $0.contains("1, draining") })
    }

    @Test func `our own colours stay`() {
        let lines = PolicyListing.details(policy, style: Style(isOn: true))
        #expect(lines[0].hasPrefix("\u{1b}[1mx\\u{1b}[2J"))
    }
}
