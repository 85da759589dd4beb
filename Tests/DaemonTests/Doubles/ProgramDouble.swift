import AscendCL
import CWire
import Daemon
import LinuxIO
import RingDoubles
import Scheduling
import SharedRing
import Wire

/// A program as the daemon sees it: a session with a real ring, written by a test.
final class ProgramDouble {
    let session: Session
    private(set) var rings: [RingProducer] = []
    private var ticks: UInt64 = 0
    /// The handles that libflexnpu.so would choose.
    static func handle(kind: UInt64, index: UInt64, generation: UInt64 = 1) -> UInt64 {
        0x4658 << 48 | kind << 44 | generation << 24 | index
    }
    static let context = handle(kind: 1, index: 0)

    init(client: UInt32, mode: Session.Mode, limits: DaemonLimits = DaemonLimits()) throws {
        let id = ClientID(rawValue: client)
        session = Session(
            id: id, pid: 0, mode: mode, connectedAt: 0, page: try SessionPage(),
            staging: try SharedMemory(
                name: "staging", count: Int(FX_STAGING_SLOTS) * Int(FX_STAGING_SLOT_BYTES)),
            doorbell: try EventFD(), facts: ClientFacts(id: id, name: "program \(client)"),
            limits: limits)
        try addRing()
    }

    /// Another thread, or another device of the thread.
    func addRing(device: Int32 = 0, bytes: Int = 65_536) throws {
        let memory = try SharedMemory(name: "ring", count: Int(FX_RING_DATA_OFFSET) + bytes)
        let thread = UInt32(rings.count + 1)
        session.rings.add(
            try RingConsumer(memory: memory, thread: thread), thread: thread, device: device)
        rings.append(RingProducer(memory: memory))
    }

    // MARK: Records

    /// Writes a record of a test's own; its number, or nil where the ring is full.
    func publish(_ call: RingProducer.Call, ring: Int = 0) -> UInt32? {
        ticks += 10
        var call = call
        call.ticks = call.ticks ?? ticks
        return rings[ring].publish(call) ? rings[ring].lastSequence : nil
    }

    @discardableResult
    func tell(
        _ verb: Int, _ operands: [UInt64] = [], stream: UInt64 = 0, bytes: [UInt8] = [],
        flags: UInt8 = 0, ring: Int = 0
    ) -> UInt32 {
        ticks += 10
        let call = RingProducer.Call(
            verb: verb, flags: flags, stream: stream, operands: operands, bytes: bytes,
            ticks: ticks)
        precondition(rings[ring].publish(call), "the test's ring is full")
        return rings[ring].lastSequence
    }

    @discardableResult
    func ask(
        _ verb: Int, _ operands: [UInt64] = [], stream: UInt64 = 0, bytes: [UInt8] = [],
        ring: Int = 0
    ) -> UInt32 {
        tell(
            verb, operands, stream: stream, bytes: bytes, flags: UInt8(FX_FLAG_ASK), ring: ring)
    }

    /// The answer to a record, or nil where it has none yet.
    func answer(to sequence: UInt32, ring: Int = 0) -> RingProducer.Answer? {
        let answer = rings[ring].answer
        return answer.sequence == sequence ? answer : nil
    }

    // MARK: What programs do

    @discardableResult
    func makeContext(device: UInt64 = 0) -> UInt32 {
        ask(
            Int(FX_VERB_CONTEXT_CREATE),
            [Self.context, device, Self.handle(kind: 2, index: 1000)])
    }

    /// A stream in its context.
    func makeStream(index: UInt64, generation: UInt64 = 1) -> UInt64 {
        let stream = Self.handle(kind: 2, index: index, generation: generation)
        ask(Int(FX_VERB_STREAM_CREATE), [stream, Self.context, 0, 0])
        return stream
    }

    func makeEvent(index: UInt64) -> UInt64 {
        let event = Self.handle(kind: 3, index: index)
        tell(Int(FX_VERB_EVENT_CREATE), [event, 0, 0])
        return event
    }

    func malloc(_ bytes: UInt64, device: UInt64 = 0) -> UInt32 {
        ask(Int(FX_VERB_MALLOC), [device, bytes, 0])
    }

    func fill(_ address: UInt64, bytes: UInt64, stream: UInt64, ring: Int = 0) {
        tell(Int(FX_VERB_FILL), [address, 0, bytes], stream: stream, ring: ring)
    }

    func synchronize(_ stream: UInt64, milliseconds: Int64 = -1, ring: Int = 0) -> UInt32 {
        ask(
            Int(FX_VERB_WAIT_STREAM), [UInt64(bitPattern: milliseconds)], stream: stream,
            ring: ring)
    }

    func record(_ event: UInt64, _ number: UInt64, stream: UInt64, ring: Int = 0) {
        tell(Int(FX_VERB_EVENT_RECORD), [event, number], stream: stream, ring: ring)
    }

    func wait(_ event: UInt64, _ number: UInt64, stream: UInt64, ring: Int = 0) {
        tell(Int(FX_VERB_EVENT_WAIT), [event, number], stream: stream, ring: ring)
    }

    func destroyStream(_ stream: UInt64, force: Bool = false) -> UInt32 {
        ask(Int(FX_VERB_STREAM_DESTROY), [stream, force ? 1 : 0])
    }

    // MARK: Plans

    func plan(
        _ slot: UInt64, elements: Int, values: [UInt64], ring: Int = 0
    ) -> UInt32 {
        let function = UInt64(PlanBytes.function.id.rawValue)
        return ask(
            Int(FX_VERB_PLAN), [slot, function] + values, bytes: PlanBytes.line(elements),
            ring: ring)
    }

    func launch(_ slot: UInt64, _ values: [UInt64], stream: UInt64, ring: Int = 0) {
        tell(Int(FX_VERB_KERNEL), [slot, 0] + values, stream: stream, ring: ring)
    }

    // MARK: Staging

    /// Takes a slot as the program does, and sends a copy from it to the device; without a stream
    /// its thread waits.
    @discardableResult
    func copyFromStaging(
        _ slot: Int, to address: UInt64, bytes: UInt64, stream: UInt64 = 0, ring: Int = 0
    ) -> UInt32 {
        slotWord(slot).pointee = 1
        let operands: [UInt64] = [
            0, address, 1, UInt64(slot) * UInt64(FX_STAGING_SLOT_BYTES), bytes,
        ]
        return tell(
            Int(FX_VERB_COPY), operands, stream: stream,
            flags: stream == 0 ? UInt8(FX_FLAG_ASK) : 0, ring: ring)
    }

    /// Slots that the daemon has not given back.
    var slotsTaken: [Int] {
        (0..<Int(FX_STAGING_SLOTS)).filter { slotWord($0).pointee != 0 }
    }

    /// How often the daemon gave a slot back.
    var slotsGivenBack: Int {
        let offset = MemoryLayout<fx_session_page>.offset(of: \.staging_freed) ?? 0
        return Int((session.page.memory.base + offset).assumingMemoryBound(to: UInt32.self).pointee)
    }

    private func slotWord(_ slot: Int) -> UnsafeMutablePointer<UInt32> {
        let offset = 64 + Int(FX_FUNCTION_LIMIT) + slot * 4
        return (session.page.memory.base + offset).assumingMemoryBound(to: UInt32.self)
    }

    /// The daemon told the program that it serves it no longer.
    var isLeft: Bool {
        let page = session.page.memory.base.assumingMemoryBound(to: fx_session_page.self)
        return page.pointee.daemon_state == UInt32(FX_DAEMON_GONE)
    }
}
