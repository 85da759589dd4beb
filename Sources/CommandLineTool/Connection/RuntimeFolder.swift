import Foundation
package import Glibc
import LinuxIO

/// Where daemons of this user listen.
package struct RuntimeFolder: Equatable {
    package var path: String

    /// `$XDG_RUNTIME_DIR/flexnpu`, else `/tmp/flexnpu-<uid>`.
    package init(environment: [String: String], user: uid_t) {
        if let folder = environment["XDG_RUNTIME_DIR"], folder.hasPrefix("/") {
            path = "\(folder)/flexnpu"
        } else {
            path = "/tmp/flexnpu-\(user)"
        }
    }

    static var current: RuntimeFolder {
        RuntimeFolder(environment: ProcessInfo.processInfo.environment, user: getuid())
    }

    package var daemonSocket: String { "\(path)/daemon.sock" }

    /// Makes the folder, for this user alone. One that belongs to somebody else, or that others may
    /// write to, is refused: they could put a socket of their own there.
    func make() throws(CommandFailure) {
        do throws(SystemError) {
            try Paths.makeFolder(path)
        } catch {
            throw CommandFailure("\(path): \(error.reason); use --socket")
        }
        try check()
    }

    /// Refuses a folder in which somebody else could have put a socket.
    func check() throws(CommandFailure) {
        guard let facts = Paths.facts(path) else { return }
        if let complaint = Self.complaint(
            mode: facts.st_mode, owner: facts.st_uid, user: getuid(), path: path)
        {
            throw CommandFailure(complaint)
        }
    }

    package static func complaint(mode: mode_t, owner: uid_t, user: uid_t, path: String) -> String?
    {
        if mode & S_IFMT != S_IFDIR { return "\(path) is no folder; use --socket" }
        if owner != user {
            return "\(path) belongs to user \(owner), not to you; use --socket or FLEXNPU_SOCKET"
        }
        if mode & 0o022 != 0 { return "others may write to \(path); chmod 700 it" }
        return nil
    }
}
