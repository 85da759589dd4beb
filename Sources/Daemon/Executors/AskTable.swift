import Device
package import LinuxIO
import Wire

/// What an executor was asked, and who waits for the answer.
package struct AskTable {
    package init() {}

    package enum Purpose {
        /// A thread waits; the answer's status, words and bytes are its own. `isText`: bytes up to the
        /// first NUL.
        case reply(ParkedThread, isText: Bool = false)
        /// A thread wants the device to treat overflow so.
        case saturation(ParkedThread, mode: Int32)
        case createStream(ParkedThread, StreamSlot)
        case createContext(ParkedThread, ContextSlot, StreamSlot)
        case allocate(MemoryReturns.Allocation)
        /// Nobody: memory goes back.
        case free(device: Int32)
        case plan(ParkedThread, Session, slot: Int, Plan)
        case copy(ParkedThread, Session, stagingSlot: Int)
        /// A plan is made known to another device, for this launch.
        case launch(HeldLaunch)
        /// The device has let go of a stream.
        case retireStream(UInt32)
        /// The device has let go of a plan.
        case retirePlan(Plan)
        /// A device has been told of a block of the program's pinned memory.
        case pin(Session, block: UInt64)
        /// A device has let go of pinned memory, which lives as long as this does.
        case unpin(SharedMemory)
    }

    private struct Entry {
        var purpose: Purpose
        var session: Session?
    }
    private var entries: [UInt64: Entry] = [:]
    private var nextTicket: UInt64 = 1

    package var count: Int { entries.count }

    package mutating func add(_ purpose: Purpose, of session: Session?) -> UInt64 {
        defer { nextTicket += 1 }
        session?.asksInFlight += 1
        entries[nextTicket] = Entry(purpose: purpose, session: session)
        return nextTicket
    }

    /// What the ask was for; nil for a ticket that is not out.
    package mutating func takePurpose(_ ticket: UInt64) -> Purpose? {
        guard let entry = entries.removeValue(forKey: ticket) else { return nil }
        entry.session?.asksInFlight -= 1
        return entry.purpose
    }
}
