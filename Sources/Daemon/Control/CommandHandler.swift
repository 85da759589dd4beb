import AscendCL
import Device
import Foundation
import Glibc
import LinuxIO
import Logging
import Scheduling
import Synchronization
import Wire

/// What `flexnpu` commands ask the daemon over its socket. Each connection has a thread of its own.
final class CommandHandler: Sendable {
    let loop: LoopMailbox
    let observed: ObservedRings
    let limits: DaemonLimits
    let policies: PolicyExchange
    let environment: DaemonEnvironment
    let log: Logger
    private let stopping = Atomic<Bool>(false)
    private let draining = Atomic<Bool>(false)
    private let tracing = Mutex<TraceRecorder?>(nil)

    init(
        loop: LoopMailbox, observed: ObservedRings, limits: DaemonLimits,
        policies: PolicyExchange, environment: DaemonEnvironment, log: Logger
    ) {
        self.loop = loop
        self.observed = observed
        self.limits = limits
        self.policies = policies
        self.environment = environment
        self.log = log
    }

    var isStopping: Bool { stopping.load(ordering: .acquiring) }
    var isDraining: Bool { draining.load(ordering: .acquiring) }
    var watch: PolicyWatch? { policies.watch }

    func stop() { stopping.store(true, ordering: .releasing) }

    /// Ends the daemon when the last program has gone, and admits no other. Returns how many there
    /// are.
    func drain() -> Int {
        let count = loop.ask(BeginDrain())
        draining.store(true, ordering: .releasing)
        return count
    }

    /// The answer to a request of `peer`.
    func reply(to body: [UInt8], of peer: CommandPeer) -> ControlReply {
        do {
            let request = try JSONDecoder().decode(ControlRequest.self, from: Data(body))
            guard peer.owns || request.onlyLooks else {
                return .failure(
                    message: "only user \(getuid()) and root may change this daemon or record; you "
                        + "are user \(peer.user)")
            }
            return try answer(request)
        } catch let error as DecodingError {
            return .failure(message: "the daemon does not understand this request: \(error)")
        } catch {
            return .failure(message: "\(error)")
        }
    }

    private func answer(_ request: ControlRequest) throws -> ControlReply {
        switch request {
        case .status: return .status(status())
        case .clients: return .clients(loop.ask(AskClients()))
        case .policies: return .policies(loop.ask(AskPolicies()))
        case .policyShow: return .policies(loop.ask(AskPolicies(onlyLive: true)))
        case .policyLoad(let path, let source, let carryState, let watch):
            return .done(
                message: try policies.load(
                    path: path, source: source, carryState: carryState, watch: watch))
        case .policyBuiltIn(let name):
            return .done(message: try policies.loadBuiltIn(name))
        case .policySet(let key, let value):
            return .done(message: try policies.set(key, to: value))
        case .policyRollback(let load):
            return .done(message: try policies.rollback(to: load))
        case .traceStart(let directory): return try startTrace(directory)
        case .traceStop: return stopTrace()
        case .limit(let client, let setting):
            return .done(
                message: try loop.ask(
                    SetLimit(client: client, setting: LimitSetting(setting))
                ).get())
        case .drain:
            let count = drain()
            return .done(
                message: "draining: no new programs; the daemon ends "
                    + (count == 0 ? "now" : "when the \(count) that it serves have gone"))
        case .shutdown:
            stop()
            return .done(message: "stopping")
        }
    }

    private func status() -> DaemonStatus {
        let trace = tracing.withLock { $0?.status } ?? TraceStatus()
        var status = loop.ask(AskStatus(environment: environment, trace: trace))
        // Asked here: the loop makes no device call.
        for index in status.devices.indices {
            status.devices[index].lateness =
                environment.library.lateness(of: status.devices[index].device.rawValue)
        }
        return status
    }

    // MARK: Traces

    /// Begins a recording into a folder.
    func startTrace(_ directory: String) throws -> ControlReply {
        let recorder = try tracing.withLock { current throws -> TraceRecorder in
            if let current, current.status.failure == nil {
                return try refuse("a recording into \(current.directory) is running; stop it first")
            }
            let new = try TraceRecorder(
                directory: directory, table: APITable.standard, environment: environment.forTrace,
                limits: limits)
            current = new
            return new
        }
        observed.record(into: recorder)
        loop.ask(StartRecording(recorder: recorder))
        return .trace(recorder.status)
    }

    private func refuse(_ message: String) throws -> TraceRecorder {
        throw CommandError(description: message)
    }

    /// Ends the recording and waits until it is on disk.
    /// `loopHasEnded`: nothing is recorded any more, and nobody is there to be asked.
    func stopTrace(loopHasEnded: Bool = false) -> ControlReply {
        let recorder = tracing.withLock { current in
            defer { current = nil }
            return current
        }
        guard let recorder else { return .failure(message: "no recording is running") }
        if !loopHasEnded {
            loop.ask(EndRecording())
            observed.record(into: nil)
        }
        return .trace(recorder.stop())
    }
}

/// Why a command was refused.
package struct CommandError: Error, CustomStringConvertible {
    package var description: String
}

extension ControlRequest {
    /// It changes nothing, and writes nowhere: what anybody whose programs are served may ask.
    fileprivate var onlyLooks: Bool {
        switch self {
        case .status, .clients, .policies, .policyShow: true
        case .policyLoad, .policyBuiltIn, .policySet, .policyRollback, .traceStart, .traceStop,
            .limit, .drain, .shutdown:
            false
        }
    }
}
