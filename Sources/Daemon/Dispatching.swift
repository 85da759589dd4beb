import CostModel
import Device
import LinuxIO
import Scheduling
import SharedRing
import Wire

/// From a decision to the device, and from the device's completion back to the scheduler.
extension DispatchLoop {
    /// Puts a chosen operation on its stream of the device.
    func run(_ dispatch: DispatchedOperation) {
        let item = store[dispatch.payload]
        guard let stream = item.stream else { return }
        let startedAt = clock.now()
        var result: DeviceError?
        do throws(DeviceError) {
            try runtime.select(stream.device)
            try start(item, on: stream)
            if runtime.runsInline {
                return finish(dispatch, item, startedAt: startedAt, finishedAt: clock.now(), nil)
            }
            try completions.expect(dispatch, on: stream, startedAt: startedAt)
            return
        } catch {
            result = error
        }
        finish(dispatch, item, startedAt: startedAt, finishedAt: clock.now(), result)
    }

    private func start(_ item: WorkItem, on stream: StreamSlot) throws(DeviceError) {
        switch item.kind {
        case .kernel: try launch(item, on: stream)
        case .copy:
            try runtime.copy(
                to: item.destination, from: item.source, inline: item.inline, bytes: item.bytes,
                kind: item.copyKind, stream: stream.deviceStream)
        case .fill:
            try runtime.fill(
                item.destination, value: item.fillValue, bytes: item.bytes,
                stream: stream.deviceStream)
        }
    }

    private func launch(_ item: WorkItem, on stream: StreamSlot) throws(DeviceError) {
        guard let entry = item.signature else { return }
        let kernel = try entry.kernel(on: stream.device, from: operators)
        let status = try kernel.launch(addresses: item.addresses, stream: stream.deviceStream) {
            (bytes) throws(DeviceError) in try workspace(of: stream, bytes: bytes)
        }
        guard status != 0 else { return }
        throw DeviceError(
            code: status,
            message: runtime.takeErrorMessage() ?? "\(kernel.name) failed on the device")
    }

    /// A stream's own workspace, grown to what is asked. Its operations run one after another, so
    /// one is enough; the old one may still be in use and goes when the stream has passed it.
    private func workspace(of stream: StreamSlot, bytes: UInt64) throws(DeviceError)
        -> DeviceHandle?
    {
        if stream.workspace.bytes < bytes {
            if stream.workspace.bytes > 0 {
                try runtime.synchronize(stream.deviceStream)
                try runtime.free(stream.workspace.address)
                stream.workspace = (0, 0)
            }
            stream.workspace = (try runtime.allocate(bytes: Int(bytes), policy: 0), bytes)
        }
        return DeviceHandle(bitPattern: UInt(stream.workspace.address))
    }

    /// Tells everybody that an operation is over.
    func finish(
        _ dispatch: DispatchedOperation, _ item: WorkItem, startedAt: Nanoseconds,
        finishedAt: Nanoseconds,
        _ error: DeviceError?
    ) {
        if let session = item.session {
            if item.stagingSlot >= 0 { session.page.freeSlot(item.stagingSlot) }
            session.queuedOperations -= 1
        }
        if let entry = item.signature, error == nil {
            costs.observe(entry.costIndex, tookNanoseconds: finishedAt - startedAt)
        }
        let life = scheduler.finished(
            dispatch.id, startedAt: startedAt, finishedAt: finishedAt,
            failure: error.map { OperationFailure(code: $0.code, message: $0.message) },
            now: finishedAt)
        if let life { recorder?.operation(life, item, result: error?.code ?? 0) }
        store.release(dispatch.payload)
    }

    /// Forgets operations that will never run.
    func release(_ dropped: [DroppedOperation]) {
        for operation in dropped {
            let item = store[operation.payload]
            if let session = item.session {
                if item.stagingSlot >= 0 { session.page.freeSlot(item.stagingSlot) }
                session.queuedOperations -= 1
            }
            store.release(operation.payload)
        }
    }
}
