package import CostModel
package import Scheduling
package import Wire

/// What programs do, as a simulation is told of it.
package enum WorkloadAction: Sendable {
    case attach(ClientFacts)
    case detach(ClientID)
    /// 0 is the highest priority for the device's cores, 7 the lowest.
    case createStream(StreamID, DeviceID, priority: Int = 0)
    case destroyStream(StreamID, force: Bool)
    case abort(StreamID)
    /// Work that takes so long on its device and holds all of its cube cores. The submission's cost
    /// is what the scheduler is told beforehand, its payload is the simulation's.
    case submit(Submission, durationNanoseconds: Nanoseconds)
    /// Work of known size: what it asks of the chip, one after another as one operation.
    case launch(Submission, [ChipWork])
    case record(StreamID, EventID)
    case wait(StreamID, EventID)
    case reset(StreamID, EventID)
    /// A program waits; its token shows up in the simulation's `satisfied`.
    case synchronize(WaitTarget, token: UInt64)

    /// Work of a known size; its predicted cost is what it takes alone on `chip`.
    package static func submit(
        _ kind: OperationKind, flops: UInt64, bytes: UInt64, phase: Phase, tokens: UInt32 = 0,
        on stream: StreamID, chip: Chip
    ) -> WorkloadAction {
        let cost = OperationCost.predict(kind, flops: flops, bytes: bytes, on: chip)
        return .launch(
            Submission(
                stream: stream, payload: 0, phase: phase, phaseSource: .shape,
                costNanoseconds: cost, tokens: tokens, bytes: bytes, flops: flops),
            [ChipWork(kind, flops: Double(flops), hbmBytes: Double(bytes))])
    }
}

/// An action at its time.
package struct WorkloadStep: Sendable {
    package var time: Nanoseconds
    package var action: WorkloadAction
    package init(at time: Nanoseconds, _ action: WorkloadAction) {
        self.time = time
        self.action = action
    }
}
