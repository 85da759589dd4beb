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
    private static let askNanoseconds: Nanoseconds = 100_000_000
    private let ringBytes: Int
    private let mode: Session.Mode

    /// An observed program does not wait for room, so its rings hold what it does in the time that
    /// the daemon may look elsewhere: 4 MiB are some 40 ms at a million calls a second.
    init(client: ClientID, pid: Int32, connection: UnixConnection, mode: Session.Mode) {
        self.client = client
        self.connection = connection
        // The control thread waits for no program, of which one may never read its answers.
        connection.setTimeout(milliseconds: Int(Self.askNanoseconds / 1_000_000))
        process = ProcessDescriptor(pid: pid)
        self.mode = mode
        ringBytes = mode == .observe ? 4 << 20 : Int(FX_RING_BYTES)
    }

    /// Serves one ask. False: the program hung up.
    func serve(_ loop: LoopMailbox, _ limits: DaemonLimits) throws -> Bool {
        // libflexnpu.so sends an ask whole, and the control thread waits for no program.
        let deadline = MonotonicClock.now() + Self.askNanoseconds
        guard let bytes = try connection.receive(count: fx_socket_ask.byteCount, until: deadline),
            let ask = fx_socket_ask(bytes: bytes)
        else { return false }
        switch Int(ask.kind) {
        case FX_SOCKET_RING:
            try giveRing(
                thread: UInt32(truncatingIfNeeded: ask.a),
                device: Int32(truncatingIfNeeded: ask.b), loop)
        case FX_SOCKET_HOST_MEMORY: try giveHostMemory(bytes: ask.a, loop, limits)
        default:
            try answer(
                status: AclStatus.runtimeUnsupported, message: "the daemon knows no ask \(ask.kind)"
            )
        }
        return true
    }

    /// Memory to share, or an answer that says why there is none: that the system has no more is no
    /// reason to leave the program.
    private func makeMemory(_ name: String, count: Int) throws -> SharedMemory? {
        do throws(SystemError) {
            return try SharedMemory(name: name, count: count)
        } catch {
            try answer(
                status: AclStatus.limitReached,
                message: error.kind == .noDescriptors
                    ? "the daemon has no file descriptors left; raise its limit (ulimit -n, "
                        + "LimitNOFILE=)"
                    : "the daemon cannot make shared memory: \(error.reason)")
            return nil
        }
    }

    private func giveRing(thread: UInt32, device: Int32, _ loop: LoopMailbox) throws {
        let count = Int(FX_RING_DATA_OFFSET) + ringBytes
        guard let memory = try makeMemory("flexnpu-ring", count: count) else { return }
        // The program has a descriptor of its own then.
        defer { memory.closeDescriptor() }
        let isGiven = loop.ask(
            AddRing(client: client, thread: thread, device: device, memory: memory))
        guard isGiven else {
            return try answer(
                status: AclStatus.limitReached,
                message:
                    "this program has as many rings, one a thread and device, as it may (threads; "
                    + "flexnpu list --limits)")
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
        guard let memory = try makeMemory("flexnpu-host", count: mapped) else { return }
        defer { memory.closeDescriptor() }
        guard let block = loop.ask(PinMemory(client: client, memory: memory)) else {
            return try answer(
                status: AclStatus.outOfMemory,
                message:
                    "more pinned memory than this program may have (host_memory; "
                    + "flexnpu list --limits)")
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
