import AscendCL
import SharedRing
import Wire

/// Reads a record's operands as what they must be: a handle is looked up, a count is limited. What
/// does not fit is a refusal, so that a handler never sees a raw word of a program.
extension CallContext {
    /// More bytes than any memory has; below it no sum of a few counts overflows.
    private static let byteCountEnd: UInt64 = 1 << 46
    /// 34 years: a longer wait is for ever.
    private static let millisecondsMax: Int64 = 1 << 40
    /// More cores than any chip has.
    private static let coreCountEnd: UInt64 = 1 << 16

    func expect(count: Int) throws(CallRefusal) {
        guard record.operandCount == count else { throw wrongCount("\(count)") }
    }

    func expect(atLeast count: Int) throws(CallRefusal) {
        guard record.operandCount >= count else { throw wrongCount("at least \(count)") }
    }

    private func wrongCount(_ wanted: String) -> CallRefusal {
        CallRefusal(
            AclStatus.invalidParameter,
            "its record has \(record.operandCount) operands, not \(wanted)")
    }

    // MARK: Handles

    /// The stream that the record is for.
    func recordStream() throws(CallRefusal) -> StreamSlot {
        guard let stream = stream(handle: record.stream) else {
            throw CallRefusal(AclStatus.invalidParameter, "no such stream")
        }
        return stream
    }

    /// The stream that the record is for, or nil where it names none.
    func optionalRecordStream() throws(CallRefusal) -> StreamSlot? {
        record.stream == 0 ? nil : try recordStream()
    }

    func stream(at index: Int) throws(CallRefusal) -> StreamSlot {
        guard let stream = stream(handle: record.operand(index)) else {
            throw CallRefusal(AclStatus.invalidParameter, "no such stream")
        }
        return stream
    }

    private func stream(handle: UInt64) -> StreamSlot? {
        if let last = ring.lastStream, last.handle == handle { return last }
        let found = session.objects.streams[handle]
        ring.lastStream = found
        return found
    }

    func event(at index: Int) throws(CallRefusal) -> EventSlot {
        guard let event = session.objects.events[record.operand(index)] else {
            throw CallRefusal(AclStatus.invalidParameter, "no such event")
        }
        return event
    }

    func context(at index: Int) throws(CallRefusal) -> ContextSlot {
        guard let context = session.objects.contexts[record.operand(index)] else {
            throw CallRefusal(AclStatus.invalidParameter, "no such context")
        }
        return context
    }

    func newStream(at index: Int) throws(CallRefusal) -> UInt64 {
        try newHandle(at: index, session.objects.streams, "streams")
    }

    func newEvent(at index: Int) throws(CallRefusal) -> UInt64 {
        try newHandle(at: index, session.objects.events, "events")
    }

    func newContext(at index: Int) throws(CallRefusal) -> UInt64 {
        try newHandle(at: index, session.objects.contexts, "contexts")
    }

    private func newHandle<Object>(
        at index: Int, _ table: HandleTable<Object>, _ kind: String
    ) throws(CallRefusal) -> UInt64 {
        let handle = record.operand(index)
        guard table.accepts(handle) else {
            throw CallRefusal(
                AclStatus.limitReached,
                "this program holds \(table.count) \(kind); the limit is \(table.limit)")
        }
        return handle
    }

    // MARK: Numbers

    func device(at index: Int) throws(CallRefusal) -> DeviceID {
        let device = Int32(truncatingIfNeeded: record.operand(index))
        let devices = core.fleet.devices
        guard devices.contains(device) else {
            throw CallRefusal(
                AclStatus.invalidDevice, "device \(device) is not one of this daemon's: \(devices)")
        }
        return DeviceID(rawValue: device)
    }

    func address(at index: Int) -> UInt64 { record.operand(index) }

    func number(at index: Int) -> UInt64 { record.operand(index) }

    func flags(at index: Int) -> UInt64 { record.operand(index) }

    func range(at index: Int) -> UInt64 { record.operand(index) }

    func byteCount(at index: Int) throws(CallRefusal) -> Int {
        let count = record.operand(index)
        guard count > 0, count < Self.byteCountEnd else {
            throw CallRefusal(
                AclStatus.invalidParameter, "\(count) bytes are none, or more than memory has")
        }
        return Int(count)
    }

    func coreCount(at index: Int) throws(CallRefusal) -> Int {
        let count = record.operand(index)
        guard count < Self.coreCountEnd else {
            throw CallRefusal(AclStatus.invalidParameter, "\(count) cores are too many")
        }
        return Int(count)
    }

    /// Nil waits for as long as it takes.
    func milliseconds(at index: Int) throws(CallRefusal) -> Int64? {
        let milliseconds = Int64(bitPattern: record.operand(index))
        return milliseconds < 0 ? nil : min(milliseconds, Self.millisecondsMax)
    }

    func function(at index: Int) throws(CallRefusal) -> APIFunction {
        guard let id = UInt16(exactly: record.operand(index)),
            let function = core.table[FunctionID(rawValue: id)]
        else { throw CallRefusal(AclStatus.invalidParameter, "no such function") }
        return function
    }

    // MARK: Plans, places, values

    func plan(at index: Int) throws(CallRefusal) -> Plan {
        guard let plan = session.plans[record.operand(index)] else {
            throw CallRefusal(AclStatus.invalidParameter, "no such plan of an operation")
        }
        return plan
    }

    func newPlan(at index: Int) throws(CallRefusal) -> Int {
        let slot = record.operand(index)
        guard slot < UInt64(session.plans.limit) else {
            throw CallRefusal(
                AclStatus.limitReached,
                "plan \(slot) is past the limit of \(session.plans.limit)")
        }
        return Int(slot)
    }

    /// The rest of the operands.
    func values(from index: Int) -> Range<Int> { index..<max(index, record.operandCount) }

    /// One end of a copy, two operands long. That it lies in the program's memory is checked with
    /// the copy's length.
    func place(at index: Int) throws(CallRefusal) -> CopyPlace {
        guard
            let space = CopyPlace.Space(rawValue: record.operand(index))
        else { throw CallRefusal(AclStatus.invalidParameter, "no such kind of memory") }
        return CopyPlace(space: space, value: record.operand(index + 1))
    }
}
