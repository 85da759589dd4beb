/// An event of the device library with one record of it, as long as somebody refers to that.
// Safe: the library's handle is opaque; nothing reads through it.
@safe final class EventRecord {
    let handle: DeviceHandle
    /// When it was reached, once that is known.
    var reachedAt: Int64?
    /// The batch it ends, the mark it is, and the waits on it that may not have been passed yet.
    /// Recorded again before that, it would hold up a wait for this record.
    fileprivate(set) var holderCount = 0

    fileprivate init(_ handle: DeviceHandle) { unsafe self.handle = unsafe handle }
}

/// Events that are used again.
struct EventPool {
    private let runtime: AscendRuntime
    private var free: [EventRecord] = []

    init(_ runtime: AscendRuntime) { self.runtime = runtime }

    /// An event that nobody refers to, recorded on `stream`; the caller holds it.
    mutating func record(on stream: DeviceHandle) throws(DeviceError) -> EventRecord {
        let record: EventRecord
        if let known = free.popLast() {
            record = known
        } else {
            record = unsafe EventRecord(try runtime.createEvent())
        }
        do throws(DeviceError) {
            try unsafe runtime.record(record.handle, on: stream)
        } catch {
            free.append(record)
            throw error
        }
        record.reachedAt = nil
        record.holderCount = 1
        return record
    }

    mutating func hold(_ record: EventRecord) { record.holderCount += 1 }

    /// One holder less; the event serves again when there is none.
    mutating func release(_ record: EventRecord) {
        record.holderCount -= 1
        if record.holderCount == 0 { free.append(record) }
    }

    mutating func destroyFree() {
        for record in free { unsafe runtime.destroyEvent(record.handle) }
        free.removeAll()
    }
}
