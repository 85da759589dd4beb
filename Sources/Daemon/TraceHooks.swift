import AscendCL
import CWire
import LinuxIO
import Logging
import Scheduling
import SharedRing
import Trace
import Wire

/// What the loop tells a recording, while there is one.
extension DispatchLoop {
    /// A call, as its record says. One whose thread was parked is told when it is answered.
    func traceCall(_ record: borrowing RecordView, of ring: SessionRing, in session: Session) {
        guard let recorder, record.flags & UInt8(FX_FLAG_QUIET) == 0 else { return }
        let entered = clock.nanoseconds(ticks: record.enterTicks)
        if Int(record.verb) == FX_VERB_KERNEL {
            traceSignature(Int(record.operand(0)), time: entered, in: session, recorder)
        }
        // A question for a signature is the daemon's own; the call is told by the launch.
        guard Int(record.verb) != FX_VERB_SIGNATURE else { return }
        var call = TraceQueue.RawCall(
            client: session.id, thread: ring.thread, time: entered, durationNanoseconds: 0,
            result: record.result, start: 0, count: 0)
        if session.mode == .observe {
            call.durationNanoseconds = clock.nanoseconds(span: record.durationTicks)
            call.time = entered + call.durationNanoseconds
        } else if record.flags & UInt8(FX_FLAG_ASK) != 0 {
            guard let status = lastAnswer else {
                return waits.keep(call, record: Array(record.storage))
            }
            call.result = status
            call.time = max(entered, lastAnsweredAt)
            call.durationNanoseconds = call.time - entered
        }
        recorder.append(call, record: record.storage)
    }

    /// A parked call that is answered now.
    func traceParked(_ parked: WaitTable.ParkedCall, status: Int32) {
        guard let recorder else { return }
        var call = parked.call
        call.result = status
        call.durationNanoseconds = max(0, clock.now() - call.time)
        call.time += call.durationNanoseconds
        parked.record.withUnsafeBufferPointer { recorder.append(call, record: $0) }
    }

    /// The arguments behind a signature, before its first use in this recording.
    private func traceSignature(
        _ id: Int, time: Nanoseconds, in session: Session, _ recorder: TraceRecorder
    ) {
        while session.tracedSignatures < min(id, session.signatures.count) {
            let entry = session.signatures[session.tracedSignatures]
            session.tracedSignatures += 1
            recorder.append(
                .signature(
                    SignatureEvent(
                        time: time, client: session.id, signature: entry.id,
                        function: entry.phaseOne.id, encoded: entry.encoded)))
        }
    }

    /// Begins a recording: everybody who is there is told first.
    func startTrace(_ new: TraceRecorder) {
        recorder = new
        for session in sessions {
            session.tracedSignatures = 0
            session.page.setRecorded(true)
            new.attached(session, now: clock.now())
        }
        let status = scheduler.host.liveStatus
        new.append(
            .policy(
                PolicyEvent(
                    time: clock.now(), what: .loaded, load: UInt32(status.load), name: status.name,
                    detail: "\(status.origin), version \(status.version)")))
    }

    /// Ends the recording; what the caller gets is to be stopped on another thread.
    func endTrace() -> TraceRecorder? {
        defer { recorder = nil }
        for session in sessions { session.page.setRecorded(session.mode == .observe) }
        return recorder
    }

    /// Passes on what happened to policies.
    func takeReports() {
        for report in scheduler.host.takeReports() {
            log.info(
                "policy \(report.what.word)",
                metadata: [
                    "load": "\(report.load)", "name": "\(report.name)",
                    "detail": "\(report.detail)",
                ])
            recorder?.append(
                .policy(
                    PolicyEvent(
                        time: report.time, what: report.what.traced, load: UInt32(report.load),
                        name: report.name, detail: report.detail)))
        }
    }
}

extension TraceRecorder {
    func attached(_ session: Session, now: Nanoseconds) { tell(.attached, session, now) }

    func detached(_ session: Session, now: Nanoseconds) {
        for ring in session.rings where ring.consumer.lost > 0 {
            append(
                .lost(
                    LostEvent(
                        time: now, client: session.id, thread: ring.thread,
                        count: ring.consumer.lost)))
        }
        tell(.detached, session, now)
    }

    private func tell(_ what: ClientEvent.What, _ session: Session, _ now: Nanoseconds) {
        append(
            .client(
                ClientEvent(
                    time: now, client: session.id, what: what, pid: session.pid,
                    name: session.facts.name, mode: session.mode.rawValue,
                    labels: session.facts.labels)),
            client: session.id)
    }

    func operation(_ life: FinishedOperation, _ item: WorkItem, result: Int32) {
        let facts = life.facts
        append(
            .operation(
                OperationEvent(
                    time: life.finishedAt, client: facts.client,
                    stream: item.stream?.handle ?? facts.stream.rawValue, device: facts.device,
                    function: facts.function, sequence: facts.sequence, phase: facts.phase,
                    phaseSource: facts.phaseSource, queuedAt: facts.enqueuedAt,
                    readyAt: life.readyAt, dispatchedAt: life.dispatchedAt,
                    startedAt: life.startedAt, finishedAt: life.finishedAt,
                    policyLoad: life.policyLoad, policyLine: life.policyLine, result: result)),
            client: facts.client)
    }
}

extension PolicyReport.What {
    /// For the log.
    var word: String {
        switch self {
        case .loaded: "loaded"
        case .swapped: "swapped"
        case .breach: "breach"
        case .quarantined: "quarantined"
        case .option: "option set"
        case .rolledBack: "rolled back"
        }
    }

    var traced: PolicyEvent.What {
        switch self {
        case .loaded: .loaded
        case .swapped: .swapped
        case .breach: .breach
        case .quarantined: .quarantined
        case .option: .option
        case .rolledBack: .rolledBack
        }
    }
}
