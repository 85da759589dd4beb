import CLinux
import Glibc

/// Who is at the other end of a Unix socket.
package struct PeerCredentials: Sendable, Equatable {
    package var pid: Int32
    package var user: UInt32
}

/// A connected Unix stream socket.
package final class UnixConnection: Sendable {
    private let descriptor: OwnedDescriptor
    package var rawValue: Int32 { descriptor.rawValue }

    init(adopting raw: Int32) { descriptor = OwnedDescriptor(adopting: raw) }

    /// Connects to whoever listens at `path`. Nobody may take connections there although somebody
    /// listens: with `patienceMilliseconds`, which holds for what follows as well, that is an error.
    package init(path: String, patienceMilliseconds: Int? = nil) throws(SystemError) {
        let socket = OwnedDescriptor(adopting: try retrying("socket") { cl_unix_socket() })
        let raw = socket.rawValue
        if let patienceMilliseconds { setTimeouts(of: raw, milliseconds: patienceMilliseconds) }
        try retrying(path) { unsafe cl_unix_address(path, raw, 1) }
        descriptor = socket
    }

    package func peer() throws(SystemError) -> PeerCredentials {
        var credentials = PeerCredentials(pid: 0, user: 0)
        try retrying("SO_PEERCRED") {
            unsafe cl_peer(rawValue, &credentials.pid, &credentials.user)
        }
        return credentials
    }

    /// Whether the process at the other end is of the group, by its own or a further one.
    package func peerHasGroup(_ group: UInt32) -> Bool { cl_peer_has_group(rawValue, group) != 0 }

    /// Bounds every later send and receive, so that a silent peer cannot hold its reader for ever.
    package func setTimeout(milliseconds: Int) {
        setTimeouts(of: rawValue, milliseconds: milliseconds)
    }

    /// Ends the connection for both sides, whoever waits on it; the descriptor stays until the last
    /// user is done with it.
    package func shutDown() { _ = shutdown(rawValue, Int32(SHUT_RDWR)) }

    /// Sends all of `bytes`, the descriptors with the first of them.
    package func send(_ bytes: Span<UInt8>, descriptors: [Int32] = [])
        throws(SystemError)
    {
        var sent = 0
        while sent < bytes.count {
            let rest = bytes.extracting(droppingFirst: sent)
            let count = sent == 0 ? Int32(descriptors.count) : 0
            sent += try retrying("send") {
                unsafe rest.withUnsafeBytes {
                    unsafe cl_send(rawValue, $0.baseAddress, $0.count, descriptors, count)
                }
            }
        }
    }

    /// Receives exactly `count` bytes; nil where the peer closed before the first of them.
    ///
    /// With a deadline, on the monotonic clock, all of them must be there by then: a peer that sends
    /// one now and then is as silent as one that sends none.
    package func receive(count: Int, until deadline: Int64? = nil) throws(SystemError) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var received = 0
        while received < count {
            if let deadline { try waitReadable(until: deadline) }
            let start = received
            let got = try retrying("receive") {
                unsafe bytes.withUnsafeMutableBytes {
                    unsafe recv(
                        rawValue, $0.baseAddress.map { unsafe $0 + start }, count - start, 0)
                }
            }
            if got == 0 {
                if received == 0 { return nil }
                throw SystemError("receive: the peer closed in the middle", code: EPIPE)
            }
            received += got
        }
        return bytes
    }

    private func waitReadable(until deadline: Int64) throws(SystemError) {
        var item = pollfd(fd: rawValue, events: Int16(POLLIN), revents: 0)
        let left = max(0, deadline - MonotonicClock.now())
        let milliseconds = Int32(clamping: (left + 999_999) / 1_000_000)
        let count = try retrying("poll") { unsafe poll(&item, 1, milliseconds) }
        if count == 0 { throw SystemError("receive: the peer is silent", code: ETIMEDOUT) }
    }
}

private func setTimeouts(of descriptor: Int32, milliseconds: Int) {
    var time = timeval(tv_sec: milliseconds / 1000, tv_usec: milliseconds % 1000 * 1000)
    let size = socklen_t(MemoryLayout<timeval>.size)
    _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, size)
    _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, size)
}

/// A Unix socket that is listened on; the file goes with the listener.
package final class UnixListener: Sendable {
    package let path: String
    private let descriptor: OwnedDescriptor
    package var rawValue: Int32 { descriptor.rawValue }

    /// How long whoever listens at the path already may take to accept.
    private static let probeMilliseconds = 1000

    /// Listens at `path`. A file that nobody listens on any more is replaced; a live one is an
    /// error. With a group, its members may connect as well as this user. `backlog`: as many may
    /// wait to be accepted, where the system allows so many; programs do not wait for a place there.
    package init(path: String, group: UInt32? = nil, backlog: Int32 = 4096) throws(SystemError) {
        self.path = path
        let socket = OwnedDescriptor(adopting: try retrying("socket") { cl_unix_socket() })
        let raw = socket.rawValue
        try Self.refuseLive(path)
        try Self.removeLeftOver(path)
        // Nobody may connect between bind and chmod.
        let before = umask(0o177)
        defer { umask(before) }
        try retrying("\(path): bind") { unsafe cl_unix_address(path, raw, 0) }
        if let group {
            try retrying("\(path): give to group \(group)") {
                unsafe lchown(path, uid_t.max, group)
            }
        }
        try retrying("\(path): chmod") { unsafe chmod(path, group == nil ? 0o600 : 0o660) }
        try retrying("\(path): listen") { listen(raw, backlog) }
        descriptor = socket
    }

    /// A listener that is there and does not accept is as alive as one that does.
    private static func refuseLive(_ path: String) throws(SystemError) {
        var pid: Int32 = 0
        do throws(SystemError) {
            let live = try UnixConnection(path: path, patienceMilliseconds: probeMilliseconds)
            pid = (try? live.peer())?.pid ?? 0
        } catch {
            guard error.kind == .timedOut else { return }
        }
        let owner = pid > 0 ? "process \(pid)" : "a process that does not answer"
        throw SystemError(
            "\(path): \(owner) listens there already; stop it or choose another --socket",
            code: EADDRINUSE)
    }

    /// Removes a socket that nobody listens on, but nothing that is no socket.
    private static func removeLeftOver(_ path: String) throws(SystemError) {
        var facts = stat()
        guard unsafe lstat(path, &facts) == 0 else { return }
        guard facts.st_mode & S_IFMT == S_IFSOCK else {
            throw SystemError(
                "\(path): there is a file that is no socket; choose another --socket", code: EEXIST)
        }
        unsafe unlink(path)
    }

    deinit { unsafe unlink(path) }

    package func accept() throws(SystemError) -> UnixConnection {
        UnixConnection(adopting: try retrying("accept") { cl_accept(rawValue) })
    }
}
