import CostModel
import Device
import Logging
import Scheduling
import SharedRing
import Wire

/// From a decision to a device's executor, and from its completion back to the scheduler.
extension DispatchCore {
    /// Puts a chosen operation on its stream of the device.
    func submit(_ dispatch: DispatchedOperation, to executor: any DeviceExecutor) {
        let item = work.store[dispatch.payload]
        guard let stream = item.stream?.number else { return }
        item.operation = dispatch.id
        item.cores = dispatch.cores.narrowed(to: dispatch.facts.cores)
        let ticket = UInt64(item.ticket)
        let predicted = time.hostSpan(dispatch.facts.costNanoseconds)
        switch item.kind {
        case .kernel:
            guard let plan = item.plan?.number else { return }
            let words = item.words
            executor.submit(
                .launch(
                    LaunchCommand(
                        ticket: ticket, stream: stream, plan: plan,
                        predictedNanoseconds: predicted, cubeCores: item.cores.cube,
                        vectorCores: item.cores.vector, options: item.options)),
                words: words.span)
        case .copy:
            let words = item.words
            executor.submit(
                .copy(
                    CopyCommand(
                        ticket: ticket, stream: stream, destination: item.destination,
                        source: item.source, bytes: item.bytes, kind: item.copyKind,
                        predictedNanoseconds: predicted)), words: words.span)
        case .fill:
            executor.submit(
                .fill(
                    FillCommand(
                        ticket: ticket, stream: stream, address: item.destination,
                        bytes: item.bytes, value: item.fillValue,
                        predictedNanoseconds: predicted)))
        }
    }

    /// Takes note of something that a device is done with.
    func settle(_ completion: DeviceCompletion, of executor: any DeviceExecutor) {
        switch completion {
        case .operation(let ticket, let startedAt, let finishedAt):
            finish(
                Int(ticket), on: executor, startedAt: startedAt, finishedAt: finishedAt, nil)
        case .failed(let ticket, let error, let startedAt, let finishedAt):
            finish(
                Int(ticket), on: executor, startedAt: startedAt, finishedAt: finishedAt, error)
        case .markReached(let mark, _): marks.noteReached(mark)
        case .markFailed(let mark, let error):
            marks.noteReached(mark)
            log.error(
                "a device did not take an event's record; waits for it are not kept there",
                metadata: ["device": "\(executor.device)", "mark": "\(mark)", "why": "\(error)"])
        case .answer(let ticket, let answer):
            if let purpose = asks.takePurpose(ticket) {
                settle(purpose, answer, on: executor.device)
            }
        }
    }

    /// Tells everybody that an operation is over.
    private func finish(
        _ ticket: Int, on executor: any DeviceExecutor, startedAt: Nanoseconds,
        finishedAt: Nanoseconds, _ error: DeviceError?
    ) {
        let item = work.store[ticket]
        advance(to: finishedAt)
        var started = time.chip(startedAt)
        let finished = time.chip(finishedAt)
        var slowdown = 1.0
        if let stream = item.stream {
            (started, slowdown) = crowding[Int(executor.device)].noteFinished(
                stream: stream.number, from: started, to: finished,
                work.demand(of: item, item.cores))
        }
        if let plan = item.plan, error == nil {
            if item.cores != .none { slowdown *= work.stretch(plan, item.cores) }
            work.costs.observe(
                plan.costIndex, tookNanoseconds: finished - started, slowdown: slowdown)
        }
        let life = scheduler.finished(
            item.operation, startedAt: started, finishedAt: finished,
            failure: error.map { OperationFailure(code: $0.code, message: $0.message) },
            now: chipNow)
        if let life { recordOperation(life, item, result: error?.code ?? 0) }
        release(item)
    }

    /// Forgets operations that will never run.
    func release(_ dropped: [DroppedOperation]) {
        for operation in dropped { release(work.store[operation.payload]) }
    }

    /// Gives back what an operation held.
    func release(_ item: WorkItem) {
        if let session = item.session {
            if item.stagingSlot >= 0 { session.page.freeSlot(item.stagingSlot) }
            session.queuedOperations -= 1
        }
        if let plan = item.plan { release(plan) }
        work.store.release(item)
    }

    /// Gives a reference to a plan back; with the last one the devices forget it.
    func release(_ plan: Plan) {
        guard work.releasePlan(plan) else { return }
        guard !plan.devices.isEmpty else { return work.retirePlan(plan, on: nil) }
        for device in plan.devices.sorted() {
            fleet[device]?.ask(
                .dropPlan(plan.number), lane: Self.ownLane,
                ticket: asks.add(.retirePlan(plan), of: nil))
        }
    }

    /// The lane of what the daemon asks for itself.
    static let ownLane: UInt32 = 0
}
