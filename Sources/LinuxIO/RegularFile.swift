import Glibc

/// Why a file is not read: what it is, or what the system says.
package struct FileRefusal: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Reason: Sendable, Equatable {
        case absent, folder, pipe, socket, device, link
        case tooLarge(limitBytes: Int)
        case ofAnotherUser(UInt32)
        /// What is in it is not what is wanted.
        case notText, damaged
        /// By its `errno`.
        case system(Int32)
    }
    package let path: String
    package let reason: Reason

    package init(_ path: String, _ reason: Reason) {
        self.path = path
        self.reason = reason
    }

    package var description: String { "\(path): \(why)" }

    /// The same without the path.
    package var why: String {
        switch reason {
        case .absent: "there is no such file"
        case .folder: "it is a folder, not a file"
        case .pipe: "it is a pipe, not a file"
        case .socket: "it is a socket, not a file"
        case .device: "it is a device, not a file"
        case .link: "it is a link, which is not followed here"
        case .tooLarge(let limit): "it is larger than \(limit) bytes"
        case .ofAnotherUser(let user): "it belongs to another user (\(user))"
        case .notText: "it is not text in UTF-8"
        case .damaged: "it is damaged"
        case .system(let code): SystemError("", code: code).reason
        }
    }
}

/// How a file is to be read.
package struct FileRules: Sendable {
    /// More is refused, before it is read where that is known.
    package var limitBytes: Int
    package var followsLinks = true
    /// Refuses what belongs neither to this process's user nor to root.
    package var isOwnOnly = false

    package init(limitBytes: Int, followsLinks: Bool = true, isOwnOnly: Bool = false) {
        self.limitBytes = limitBytes
        self.followsLinks = followsLinks
        self.isOwnOnly = isOwnOnly
    }
}

/// All bytes of a file whose name somebody else gave: whatever lies there, this does not wait. What
/// is no regular file, or too large, is refused by name.
package func readRegularFile(_ path: String, _ rules: FileRules) throws(FileRefusal) -> [UInt8] {
    let file = try openRegularFile(path, rules)
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
        let got = unsafe chunk.withUnsafeMutableBytes {
            unsafe read(file.rawValue, $0.baseAddress, $0.count)
        }
        if got == 0 { return bytes }
        guard got > 0 else {
            if errno == EINTR { continue }
            throw FileRefusal(path, .system(errno))
        }
        // A file may grow while it is read, and some of the kernel's have no size and no end.
        guard bytes.count + got <= rules.limitBytes else {
            throw FileRefusal(path, .tooLarge(limitBytes: rules.limitBytes))
        }
        bytes.append(contentsOf: chunk[..<got])
    }
}

private func openRegularFile(
    _ path: String, _ rules: FileRules
) throws(FileRefusal) -> OwnedDescriptor {
    // Not to wait for a pipe's writer, nor to become a terminal's process.
    var flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY
    if !rules.followsLinks { flags |= O_NOFOLLOW }
    let raw = unsafe open(path, flags)
    guard raw >= 0 else { throw FileRefusal(path, reason(ofFailure: errno, path, rules)) }
    let file = OwnedDescriptor(adopting: raw)
    var status = stat()
    guard unsafe fstat(raw, &status) == 0 else { throw FileRefusal(path, .system(errno)) }
    if let reason = reason(toRefuse: status, rules) { throw FileRefusal(path, reason) }
    return file
}

private func reason(
    ofFailure code: Int32, _ path: String, _ rules: FileRules
) -> FileRefusal.Reason {
    switch code {
    case ENOENT: return .absent
    case ELOOP where !rules.followsLinks: return .link
    case ENXIO:
        // A socket cannot be opened; nor can a device that nothing is behind.
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return .system(code) }
        return reason(toRefuse: status, rules) ?? .system(code)
    default: return .system(code)
    }
}

private func reason(toRefuse status: stat, _ rules: FileRules) -> FileRefusal.Reason? {
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: return .folder
    case S_IFIFO: return .pipe
    case S_IFSOCK: return .socket
    default: return .device
    }
    if status.st_size > rules.limitBytes { return .tooLarge(limitBytes: rules.limitBytes) }
    if rules.isOwnOnly, status.st_uid != geteuid(), status.st_uid != 0 {
        return .ofAnotherUser(status.st_uid)
    }
    return nil
}
