import CWire
import LinuxIO
import SharedRing
import Wire

/// A program's socket after the handshake: it asks for rings and for pinned memory, and its hang-up
/// is its end, as is that of its process.
final class ProgramConnection: Sendable {
    let client: ClientID
    let connection: UnixConnection
    /// The program's process, where it can be watched. Its end counts as the program's: a child of
    /// it may hold the socket open for ever.
    let process: ProcessDescriptor?
    private let ringBytes: Int
    private let mode: Session.Mode

    /// An observed program does not wait for room, so its rings hold what it does in the time that
    /// the daemon may look elsewhere: 4 MiB are some 40 ms at a million calls a second.
    init(client: ClientID, pid: Int32, connection: UnixConnection, mode: Session.Mode) {
        self.client = client
        self.connection = connection
        process = ProcessDescriptor(pid: pid)
        self.mode = mode
        ringBytes = mode == .observe ? 4 << 20 : Int(FX_RING_BYTES)
    }

    /// Serves one ask. False: the program hung up.
    func serve(_ loop: LoopMailbox, _ limits: DaemonLimits) throws -> Bool {
        guard let bytes = try connection.receive(count: fx_socket_ask.byteCount),
            let ask = fx_socket_ask(bytes: bytes)
        else { return false }
        switch Int(ask.kind) {
        case FX_SOCKET_RING:
            try giveRing(
                thread: UInt32(truncatingIfNeeded: ask.a),
                device: Int32(truncatingIfNeeded: ask.b), loop, limits)
        case FX_SOCKET_HOST_MEMORY: try giveHostMemory(bytes: ask.a, loop, limits)
        default:
            try answer(
                status: AclStatus.runtimeUnsupported, message: "the daemon knows no ask \(ask.kind)"
            )
        }
        return true
    }

    private func giveRing(
        thread: UInt32, device: Int32, _ loop: LoopMailbox, _ limits: DaemonLimits
    ) throws {
        let memory = try SharedMemory(
            name: "flexnpu-ring", count: Int(FX_RING_DATA_OFFSET) + ringBytes)
        let client = client
        let limit = limits.ringsPerSession
        let mode = mode
        // The consumer is the loop's from its first record on, so it is made there; an observed
        // program's is handed on.
        let isGiven = loop.ask { loop -> Bool in
            guard let session = loop.sessions.first(where: { $0.id == client }),
                session.rings.count < limit,
                let consumer = try? RingConsumer(memory: memory, thread: thread)
            else { return false }
            guard mode == .route else {
                return loop.observed?.add(
                    ObservedRing(client: client, thread: thread, consumer: consumer), limit: limit)
                    ?? false
            }
            session.rings.add(consumer, thread: thread, device: device)
            return true
        }
        guard isGiven else {
            return try answer(
                status: AclStatus.limitReached,
                message: "this program has \(limit) rings, one a thread and device; the limit")
        }
        try answer(status: 0, a: UInt64(ringBytes), descriptors: [memory.rawValue])
    }

    private func giveHostMemory(bytes: UInt64, _ loop: LoopMailbox, _ limits: DaemonLimits) throws {
        guard bytes > 0, bytes <= UInt64(limits.hostBytesPerSession) else {
            return try answer(
                status: AclStatus.outOfMemory,
                message: "\(bytes) bytes of pinned memory are too many")
        }
        let mapped = (Int(bytes) + 4095) & ~4095
        let memory = try SharedMemory(name: "flexnpu-host", count: mapped)
        let client = client
        let limit = limits.hostBytesPerSession
        let block = loop.ask { $0.pin(memory, for: client) }
        guard let block else {
            return try answer(
                status: AclStatus.outOfMemory,
                message: "more than \(limit) bytes of pinned memory in one program")
        }
        try answer(status: 0, a: block, b: UInt64(mapped), descriptors: [memory.rawValue])
    }

    private func answer(
        status: Int32, a: UInt64 = 0, b: UInt64 = 0, message: String = "", descriptors: [Int32] = []
    ) throws {
        var answer = fx_socket_answer()
        answer.status = status
        answer.a = a
        answer.b = b
        setText(message, in: &answer.message)
        try connection.send(answer.bytes.span, descriptors: descriptors)
    }
}
