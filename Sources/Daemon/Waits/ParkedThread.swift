import SharedRing
import Wire

/// A thread of a program that sleeps on its reply.
package final class ParkedThread {
    package let session: Session
    let ring: ProgramRing
    package let sequence: UInt32
    /// False: nobody sleeps. It is a part of a call whose last part asks, or a program that does not
    /// wait for what is meant to be asked; an answer would hide the one to what it asks next.
    let isAsked: Bool
    /// Its call, while a recording runs: told when it is answered.
    var call: ParkedCall?

    package init(
        session: Session, ring: ProgramRing, sequence: UInt32, isAsked: Bool = true
    ) {
        self.isAsked = isAsked
        self.session = session
        self.ring = ring
        self.sequence = sequence
    }

    convenience init(_ call: borrowing CallContext, recorded: ParkedCall?) {
        self.init(
            session: call.session, ring: call.ring, sequence: call.sequence, isAsked: call.isAsk)
        self.call = recorded
    }
}
