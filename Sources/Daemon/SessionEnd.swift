import Device
import LinuxIO
import Logging
import Scheduling
import SharedRing
import Wire

/// What happens to everything a client held when it goes, however it goes.
extension DispatchLoop {
    func close(_ session: Session, because reason: String) {
        for token in waits.tokens(of: session.id) {
            scheduler.cancelWait(token: token)
            if case .thread(let ring, _, let sequence, _)? = waits.remove(token)?.waiter {
                ring.consumer.answer(
                    sequence: sequence, status: FlexStatus.driver, words: [], message: reason)
            }
        }
        session.page.setDaemonGone()
        if session.mode == .route {
            for stream in session.streams.objects { retiring.append(stream) }
            release(scheduler.detach(session.id, now: clock.now()))
            freeMemory(of: session)
        }
        recorder?.detached(session, now: clock.now())
        log.info(
            "client left",
            metadata: [
                "client": "\(session.id.rawValue)", "program": "\(session.facts.name)",
                "calls": "\(session.calls)", "why": "\(reason)",
            ])
    }

    /// Gives a gone client's memory back; what is on the device already may still use it, so it is
    /// let finish first.
    private func freeMemory(of session: Session) {
        for device in devices where session.memory.blocks.contains(where: { $0.device == device }) {
            for stream in retiring where stream.device == device {
                try? runtime.select(device)
                try? runtime.synchronize(stream.deviceStream)
            }
        }
        for block in session.memory.blocks {
            try? runtime.select(block.device)
            try? runtime.free(block.address)
        }
        session.memory = AllocationMap()
        session.hostBlocks.removeAll()
    }

    /// Destroys the device's side of streams that nothing uses any more.
    func retireStreams() {
        guard !retiring.isEmpty else { return }
        retiring.removeAll { stream in
            guard !completions.isBusy(stream) else { return false }
            try? runtime.select(stream.device)
            try? runtime.destroyStream(stream.deviceStream)
            if stream.workspace.bytes > 0 { try? runtime.free(stream.workspace.address) }
            return true
        }
    }
}
