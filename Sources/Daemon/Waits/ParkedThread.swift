import SharedRing
import Wire

/// A thread of a program that sleeps on its reply.
final class ParkedThread {
    let session: Session
    let ring: ProgramRing
    let sequence: UInt32
    /// Its call, while a recording runs: told when it is answered.
    var call: ParkedCall?

    init(_ call: CallContext) {
        session = call.session
        ring = call.ring
        sequence = call.sequence
    }
}
