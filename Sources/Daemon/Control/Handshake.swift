import CWire
import Glibc
import LinuxIO
import Scheduling
import SharedRing
import Synchronization
import Wire

/// The first words on a connection: who is it, may it, and what does it get.
final class Handshake: Sendable {
    enum Outcome {
        case program(ProgramConnection)
        case command(CommandPeer)
        case refused(String)
    }

    private let loop: LoopMailbox
    private let limits: DaemonLimits
    /// Whose members are served beside this process's own user.
    private let group: UInt32?
    private let facts: DeviceFacts
    private let nextClient = Atomic<UInt32>(1)

    init(loop: LoopMailbox, limits: DaemonLimits, group: UInt32?, facts: DeviceFacts) {
        self.loop = loop
        self.group = group
        self.limits = limits
        self.facts = facts
    }

    /// Reads the hello; it has to be there in time.
    func hear(_ connection: UnixConnection) throws -> fx_hello {
        let deadline = MonotonicClock.now() + limits.greetingNanoseconds
        guard let bytes = try connection.receive(count: fx_hello.byteCount, until: deadline),
            let hello = fx_hello(bytes: bytes)
        else { throw CommandError(description: "it said nothing") }
        return hello
    }

    /// Answers a hello.
    func greet(_ connection: UnixConnection, _ hello: fx_hello) throws -> Outcome {
        let peer = try connection.peer()
        let deadline = MonotonicClock.now() + limits.greetingNanoseconds
        let mayUse = Self.owns(peer) || group.map(connection.peerHasGroup) ?? false
        if let (status, why) = objection(to: hello, from: peer, mayUse: mayUse) {
            try welcome(connection, status: status, message: why)
            return .refused(why)
        }
        guard Int(hello.kind) == FX_HELLO_PROGRAM else {
            try welcome(connection, status: Int32(FX_WELCOME_OK))
            return .command(CommandPeer(user: peer.user, owns: Self.owns(peer)))
        }
        let text = try connection.receive(count: Int(hello.text_bytes), until: deadline) ?? []
        return try admit(connection, hello, Self.settings(in: text), peer)
    }

    /// The daemon's own user, and root.
    private static func owns(_ peer: PeerCredentials) -> Bool {
        peer.user == getuid() || peer.user == 0
    }

    private func objection(to hello: fx_hello, from peer: PeerCredentials, mayUse: Bool)
        -> (Int32, String)?
    {
        // The file's mode keeps others out already; this holds where the mode was widened.
        guard mayUse else {
            return (
                Int32(FX_WELCOME_DENIED),
                "this daemon belongs to user \(getuid())"
                    + (group.map { " and group \($0)" } ?? "") + ", you are user \(peer.user)"
            )
        }
        guard hello.magic == FX_MAGIC, hello.version == FX_WIRE_VERSION else {
            return (
                Int32(FX_WELCOME_VERSION),
                "the daemon speaks version \(FX_WIRE_VERSION), libflexnpu.so \(hello.version); "
                    + "use both from one build"
            )
        }
        guard Int(hello.kind) == FX_HELLO_PROGRAM else { return nil }
        guard hello.table_hash == FX_TABLE_HASH else {
            return (
                Int32(FX_WELCOME_TABLE),
                "libflexnpu.so was made from another API table; use both from one build"
            )
        }
        guard hello.text_bytes <= FX_HELLO_TEXT_LIMIT else {
            return (Int32(FX_WELCOME_LIMIT), "a hello of \(hello.text_bytes) bytes is too long")
        }
        return nil
    }

    /// What a program has of the daemon from its first moment on.
    private struct Shares {
        let page: SessionPage
        let doorbell: EventFD
        let staging: SharedMemory

        init() throws(SystemError) {
            page = try SessionPage()
            doorbell = try EventFD()
            staging = try SharedMemory(
                name: "flexnpu-staging", count: Int(FX_STAGING_SLOTS) * Int(FX_STAGING_SLOT_BYTES))
        }
    }

    /// Makes the session's shared memory, hands the session to the loop, and tells the program.
    private func admit(
        _ connection: UnixConnection, _ hello: fx_hello, _ settings: [String: String],
        _ peer: PeerCredentials
    ) throws -> Outcome {
        if let refusal = Self.unsupportedEnvironment(settings) {
            return try refuse(connection, Int32(FX_WELCOME_REFUSED), refusal)
        }
        let id = ClientID(rawValue: nextClient.wrappingAdd(1, ordering: .relaxed).oldValue)
        let facts = Self.facts(id, settings)
        let own: DaemonLimits
        let shares: Shares
        do {
            own = try limits.lowered(by: facts.labels)
            shares = try Shares()
        } catch let error as LimitSetting.Refusal {
            return try refuse(connection, Int32(FX_WELCOME_REFUSED), "label \(error)")
        } catch let error as SystemError {
            return try refuse(connection, Int32(FX_WELCOME_LIMIT), Self.shortage(error))
        }
        // The program has descriptors of its own then.
        defer {
            shares.page.memory.closeDescriptor()
            shares.staging.closeDescriptor()
        }
        let mode: Session.Mode = Int(hello.mode) == FX_MODE_ROUTE ? .route : .observe
        let problem = loop.ask(
            AdmitProgram(
                id: id, pid: peer.pid, mode: mode, page: shares.page, staging: shares.staging,
                doorbell: shares.doorbell, facts: facts, limits: own, user: peer.user))
        if let problem { return try refuse(connection, Int32(FX_WELCOME_LIMIT), problem) }
        do {
            try welcome(
                connection, status: Int32(FX_WELCOME_OK), session: id.rawValue, shares, own)
        } catch {
            // It died meanwhile: nobody watches its socket yet, so its end is told here.
            loop.post(ProgramEnded(client: id))
            throw error
        }
        return .program(
            ProgramConnection(client: id, pid: peer.pid, connection: connection, mode: mode))
    }

    private func refuse(_ connection: UnixConnection, _ status: Int32, _ why: String) throws
        -> Outcome
    {
        try welcome(connection, status: status, message: why)
        return .refused(why)
    }

    /// Tells a connection that nobody has time or room for it; what it says is not read.
    func turnAway(_ connection: UnixConnection, _ why: String) {
        try? welcome(connection, status: Int32(FX_WELCOME_LIMIT), message: why)
    }

    /// What the system has no more of, and what to do.
    static func shortage(_ error: SystemError) -> String {
        guard error.kind == .noDescriptors else { return "the daemon cannot serve: \(error)" }
        return
            "the daemon has no file descriptors left; raise its limit (ulimit -n, LimitNOFILE=), "
            + "or end some of its programs"
    }

    private func welcome(
        _ connection: UnixConnection, status: Int32, session: UInt32 = 0, _ shares: Shares? = nil,
        _ own: DaemonLimits? = nil, message: String = ""
    ) throws {
        let limits = own ?? limits
        let (page, staging, doorbell) = (shares?.page, shares?.staging, shares?.doorbell)
        var welcome = fx_welcome()
        welcome.magic = FX_MAGIC
        welcome.version = FX_WIRE_VERSION
        welcome.status = status
        welcome.session = session
        welcome.page_bytes = UInt64(page?.memory.count ?? 0)
        welcome.staging_bytes = UInt64(staging?.count ?? 0)
        welcome.device_count = UInt32(facts.deviceCount)
        welcome.stream_limit = UInt32(limits.streamsPerSession)
        welcome.event_limit = UInt32(limits.eventsPerSession)
        welcome.plan_limit = UInt32(limits.plansPerSession)
        welcome.run_inline = facts.runsInline ? 1 : 0
        setText(facts.socName, in: &welcome.soc_name)
        setText(message, in: &welcome.message)
        let descriptors = [page?.memory.rawValue, doorbell?.rawValue, staging?.rawValue]
        try connection.send(
            welcome.bytes.span, descriptors: descriptors.compactMap(\.self))
    }

    /// The "key=value" lines of a hello.
    static func settings(in text: [UInt8]) -> [String: String] {
        var settings: [String: String] = [:]
        for line in text.split(separator: UInt8(ascii: "\n")) {
            let parts = line.split(
                separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { continue }
            settings[String(decoding: parts[0], as: UTF8.self)] = String(
                decoding: parts[1], as: UTF8.self)
        }
        return settings
    }

    /// A setting of the program's environment that this daemon cannot honour, in words; nil: none.
    static func unsupportedEnvironment(_ settings: [String: String]) -> String? {
        for key in ["env.ASCEND_RT_VISIBLE_DEVICES", "env.ASCEND_CUSTOM_OPP_PATH"] {
            guard let value = settings[key], !value.isEmpty else { continue }
            return "\(key.dropFirst(4))=\(value) cannot be honoured by a daemon that runs already; "
                + "unset it, or start the daemon with it"
        }
        return nil
    }

    private static func facts(_ id: ClientID, _ settings: [String: String]) -> ClientFacts {
        let path = settings["program"] ?? "program"
        let name = path.split(separator: "/").last.map(String.init) ?? path
        var labels: [String: String] = [:]
        for (key, value) in settings where key.hasPrefix("label.") {
            labels[String(key.dropFirst(6))] = value
        }
        let weight = labels["weight"].flatMap(Double.init) ?? 1
        return ClientFacts(
            id: id, name: labels["name"] ?? name, labels: labels,
            weight: weight.isFinite ? min(max(weight, 1), 1000) : 1)
    }
}
