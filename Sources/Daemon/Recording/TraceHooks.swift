import AscendCL
import CWire
import LinuxIO
import Logging
import Scheduling
import SharedRing
import Trace
import Wire

/// A call whose thread is parked, kept until it is answered.
struct ParkedCall {
    var call: RecordedCall
    var record: RecordCopy
}

/// What the core tells a recording, while there is one.
extension DispatchCore {
    /// A call, as its record says. One whose thread was parked is told when it is answered.
    func recordCall(_ call: borrowing CallContext) {
        guard let recorder, isTold(call) else { return }
        var told = beginning(of: call)
        if call.isAsk {
            guard let status = lastAnswer else { return }
            end(&told, status)
        }
        recorder.append(told, record: call.record)
    }

    /// What a parked thread keeps of its call for the recording; nil: the call is not told.
    func recordedCall(_ call: borrowing CallContext) -> ParkedCall? {
        guard isTold(call) else { return nil }
        return ParkedCall(call: beginning(of: call), record: call.record.copied())
    }

    /// A parked call is answered now.
    func recordAnswer(_ parked: ParkedThread, status: Int32) {
        guard let recorder, var kept = parked.call else { return }
        parked.call = nil
        end(&kept.call, status)
        recorder.append(kept.call, record: kept.record)
    }

    /// A question for a plan is the daemon's own; the call is told by the launch.
    private func isTold(_ call: borrowing CallContext) -> Bool {
        call.record.flags & UInt8(FX_FLAG_QUIET) == 0 && call.record.verb != VerbName.plan
    }

    private func beginning(of call: borrowing CallContext) -> RecordedCall {
        RecordedCall(
            client: call.session.id, thread: call.ring.thread.id,
            time: clock.nanoseconds(ticks: call.record.ticks), durationNanoseconds: 0,
            result: call.record.result)
    }

    /// The call is answered now.
    private func end(_ call: inout RecordedCall, _ status: Int32) {
        call.result = status
        let answered = max(call.time, now)
        call.durationNanoseconds = answered &- call.time
        call.time = answered
    }

    /// The arguments behind a slot of a program, from now on.
    func recordPlan(_ plan: Plan, slot: Int, of session: Session) {
        recorder?.append(
            .signature(
                SignatureEvent(
                    time: now, client: session.id, signature: UInt32(slot + 1),
                    function: plan.phaseOne.id, encoded: plan.encoded)))
    }

    func recordAttached(_ session: Session) { recorder?.attached(session, now: now) }

    /// The calls of an observed program that are still in its rings come first.
    func recordDetached(_ session: Session) {
        guard session.mode == .observe, let observed else {
            recorder?.detached(session, now: now)
            return
        }
        session.calls = observed.totals(of: session.id).calls
        observed.leave(session.change(.detached, now))
    }

    /// The whole life of an operation, in this host's time.
    func recordOperation(_ life: FinishedOperation, _ item: WorkItem, result: Int32) {
        guard let recorder else { return }
        let facts = life.facts
        recorder.append(
            .operation(
                OperationEvent(
                    time: time.host(life.finishedAt), client: facts.client,
                    stream: item.stream?.handle ?? facts.stream.rawValue, device: facts.device,
                    function: facts.function, sequence: facts.sequence, phase: facts.phase,
                    phaseSource: facts.phaseSource, queuedAt: time.host(facts.enqueuedAt),
                    readyAt: time.host(life.readyAt), dispatchedAt: time.host(life.dispatchedAt),
                    startedAt: time.host(life.startedAt), finishedAt: time.host(life.finishedAt),
                    policyLoad: life.policyLoad, policyLine: life.policyLine, result: result)),
            client: facts.client)
    }

    /// Begins a recording: everybody who is there is told first.
    func startRecording(_ new: TraceRecorder) {
        recorder = new
        scheduler.host.recordsDecisions = true
        for session in sessions {
            new.attached(session, now: now)
            setRecorded(session)
            for (slot, plan) in session.plans.all { recordPlan(plan, slot: slot, of: session) }
        }
        let status = scheduler.host.liveStatus
        new.append(
            .policy(
                PolicyEvent(
                    time: now, what: .loaded, load: UInt32(status.load), name: status.name,
                    detail: "\(status.origin), version \(status.version)")))
    }

    /// Ends the recording, which is to be stopped on another thread.
    func endRecording() {
        recorder = nil
        scheduler.host.recordsDecisions = false
        for session in sessions { setRecorded(session) }
    }

    /// Switches the records of an observed program on while a recording runs. With nobody
    /// listening its calls go straight on; those that take long anyway look for the daemon now and
    /// then.
    func setRecorded(_ session: Session) {
        guard session.mode == .observe else { return }
        session.page.setRecorded(recorder != nil, asking: askingFunctions)
    }

    /// Tells the recording what the policy was asked and answered.
    func recordDecisions() {
        guard let recorder else { return }
        let lost = scheduler.host.drainDecisions { decision in
            recorder.append(.decision(event(of: decision)))
        }
        if lost > 0 {
            log.warning("decisions were not recorded", metadata: ["count": "\(lost)"])
        }
    }

    private func event(of decision: DecisionRecord) -> DecisionEvent {
        let answer: DecisionEvent.Answer =
            decision.operation.rawValue == 0
            ? .hold(until: decision.wakeAt.map(time.host))
            : .operation(
                client: decision.client, stream: handle(of: decision.stream),
                sequence: decision.sequence)
        return DecisionEvent(
            time: time.host(decision.time), device: decision.device,
            inFlight: UInt32(clamping: decision.operationsInFlight),
            inFlightNanoseconds: decision.inFlightNanoseconds,
            ready: UInt32(clamping: decision.ready), answer: answer,
            isByFallback: decision.kind != .dispatched && decision.kind != .held,
            cores: UInt32(max(decision.cores.cube, decision.cores.vector)),
            note: note(of: decision), policyLoad: decision.load,
            policyLine: decision.line)
    }

    /// The policy's remark, or the host's own.
    private func note(of decision: DecisionRecord) -> String {
        decision.kind == .starved
            ? "starved: its client had got nothing for too long"
            : scheduler.host.live.note(decision.note) ?? ""
    }

    private func handle(of stream: StreamID) -> UInt64 {
        let session = sessions.first { $0.id == stream.client }
        return session?.objects.streams.handle(at: Int(stream.index)) ?? stream.rawValue
    }

    /// Passes on what happened to policies.
    func reportPolicies() {
        for report in scheduler.host.takeReports() {
            if case .quarantined = report.what { onQuarantine?() }
            log.log(
                level: report.what.level, "policy \(report.what.word)",
                metadata: [
                    "load": "\(report.load)", "name": "\(report.name)",
                    "detail": "\(report.detail)",
                ])
            recorder?.append(
                .policy(
                    PolicyEvent(
                        time: time.host(report.time), what: report.what.traced,
                        load: UInt32(report.load), name: report.name, detail: report.detail)))
        }
    }
}

extension TraceRecorder {
    func attached(_ session: Session, now: Nanoseconds) { tell(.attached, session, now) }

    /// What a routed program dropped is not told: it never drops.
    func detached(_ session: Session, now: Nanoseconds) { tell(.detached, session, now) }

    private func tell(_ what: ClientEvent.What, _ session: Session, _ now: Nanoseconds) {
        append(.client(session.change(what, now)), client: session.id)
    }
}

extension Session {
    /// That the program came or went.
    func change(_ what: ClientEvent.What, _ now: Nanoseconds) -> ClientEvent {
        ClientEvent(
            time: now, client: id, what: what, pid: pid, name: facts.name, mode: mode.rawValue,
            labels: facts.labels)
    }
}

extension PolicyReport.What {
    /// What a policy does wrong is told at once, whatever else is logged.
    var level: Logger.Level {
        switch self {
        case .breach: .warning
        case .quarantined: .error
        default: .info
        }
    }

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
