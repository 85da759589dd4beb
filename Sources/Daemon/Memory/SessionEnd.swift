import AscendCL
import Logging
import Scheduling
import SharedRing
import Wire

/// Programs come and go.
extension DispatchCore {
    /// Takes a session in after its handshake.
    package func admit(_ session: Session) throws {
        add(session)
        setRecorded(session)
        if session.mode == .route {
            do { try scheduler.attach(session.facts, now: chipNow) } catch {
                remove(session)
                throw error
            }
        }
        recordAttached(session)
        log.info(
            "client attached",
            metadata: ["client": "\(session.id.rawValue)", "program": "\(session.facts.name)"])
    }

    /// The program's socket or process has ended.
    func programEnded(_ client: ClientID) {
        guard let session = sessions.first(where: { $0.id == client }),
            session.state == .serving
        else { return }
        session.state = .gone
        do throws(RingError) { try session.rings.freeze() } catch { expel(session, error) }
    }

    /// Answers whoever waits, drops what was not dispatched, and gives the rest back when what is
    /// on the devices is done: it may still use the memory.
    func end(_ session: Session, because reason: String) {
        for token in waits.tokens(of: session.id) {
            scheduler.cancelWait(token: token)
            if case .thread(let parked, _)? = waits.remove(token) {
                answer(parked, CallRefusal(AclStatus.lost, reason))
            }
        }
        for allocation in memoryReturns.takeWaiting(of: session.id) {
            answer(allocation.parked, CallRefusal(AclStatus.lost, reason))
        }
        session.page.setDaemonGone()
        session.state = .ended
        if session.mode == .route {
            abandonWork(of: session)
            let token = waits.add(.release(.session(session)))
            let isIdle = scheduler.afterAllWork(of: session.id, token: token)
            release(scheduler.detach(session.id, now: chipNow))
            if isIdle {
                waits.remove(token)
                perform(.session(session))
            }
        }
        recordDetached(session)
        var metadata: Logger.Metadata = [
            "client": "\(session.id.rawValue)", "program": "\(session.facts.name)",
            "calls": "\(session.calls)", "why": "\(reason)",
        ]
        if let refused = refusals(of: session) { metadata["refused"] = "\(refused)" }
        log.info("client left", metadata: metadata)
    }

    /// The functions that were refused to the program, and how often; nil: none was.
    private func refusals(of session: Session) -> String? {
        let refused = session.failures.filter { table[$0.key]?.functionClass == .refuse }
        guard !refused.isEmpty else { return nil }
        return refused.sorted { $0.key.rawValue < $1.key.rawValue }
            .map { "\(table[$0.key]?.name ?? "") ×\($0.value)" }.joined(separator: ", ")
    }

    /// Nobody wants what the devices still do for a program that is gone: it would hold up the others,
    /// for as long as the program had chosen. Its memory is on its way back from here on.
    private func abandonWork(of session: Session) {
        for block in session.memory.blocks { memoryReturns.noteReleased(on: block.device) }
        for stream in session.objects.streams.objects
        where (try? scheduler.isComplete(stream.id)) == false {
            abortOnDevice(stream)
        }
        for stream in waits.leavingStreams(of: session.id) { abortOnDevice(stream) }
    }
}
