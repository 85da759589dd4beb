import SharedRing
import Wire

/// A thread of a program that sleeps on its reply.
package final class ParkedThread {
    package let session: Session
    let ring: ProgramRing
    package let sequence: UInt32
    /// Whether it sleeps: a program may send what is meant to be asked without waiting for it. Its
    /// answer would hide that to what the thread asks next.
    let isAsk: Bool
    /// Its call, while a recording runs: told when it is answered.
    var call: ParkedCall?

    package init(session: Session, ring: ProgramRing, sequence: UInt32, isAsk: Bool = true) {
        self.session = session
        self.isAsk = isAsk
        self.ring = ring
        self.sequence = sequence
    }

    convenience init(_ call: borrowing CallContext, recorded: ParkedCall?) {
        self.init(
            session: call.session, ring: call.ring, sequence: call.sequence, isAsk: call.isAsk)
        self.call = recorded
    }
}
