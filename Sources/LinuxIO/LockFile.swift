import CLinux
import Glibc

/// A file that one process at a time holds; the kernel lets go of it when the process ends, however
/// it ends.
package struct LockFile: ~Copyable, Sendable {
    private let descriptor: OwnedDescriptor

    /// Takes the lock, or throws an error that names the process which has it.
    ///
    /// A link is never followed, and a file with a second name is refused: in a folder that all may
    /// write to, either could be somebody's way to have another file written. `isShared`: any user
    /// may take the lock, whoever made the file.
    package init(path: String, isShared: Bool = false) throws(SystemError) {
        let file = OwnedDescriptor(adopting: try Self.open(path, isShared ? 0o644 : 0o600))
        let raw = file.rawValue
        var facts = stat()
        try retrying(path) { unsafe fstat(raw, &facts) }
        guard facts.st_mode & S_IFMT == S_IFREG, facts.st_nlink == 1 else {
            throw SystemError(
                "\(path): is no file of its own, which a lock must be; remove it", code: EEXIST)
        }
        guard cl_lock(raw) == 0 else {
            throw SystemError("\(path): held by \(Self.holder(raw))", code: EWOULDBLOCK)
        }
        // Another user's file is locked as well as one's own, but not written.
        if facts.st_uid == geteuid() {
            ftruncate(raw, 0)
            let text = Array("\(getpid())".utf8)
            _ = unsafe text.withUnsafeBytes { unsafe pwrite(raw, $0.baseAddress, $0.count, 0) }
        }
        descriptor = file
    }

    /// Opens the file that is there, for reading where it is another user's, or makes it.
    private static func open(_ path: String, _ mode: UInt32) throws(SystemError) -> Int32 {
        // No FIFO may keep us waiting.
        let flags = O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK
        for _ in 0..<3 {
            var raw = unsafe Glibc.open(path, O_RDWR | flags)
            if raw < 0, errno == EACCES { raw = unsafe Glibc.open(path, O_RDONLY | flags) }
            if raw >= 0 { return raw }
            if errno == ELOOP {
                throw SystemError("\(path): is a link, which a lock does not follow; remove it")
            }
            guard errno == ENOENT else { throw SystemError(path) }
            raw = unsafe Glibc.open(path, O_RDWR | O_CREAT | O_EXCL | flags, mode)
            if raw >= 0 {
                _ = fchmod(raw, mode)
                return raw
            }
            // Somebody made it in between.
            guard errno == EEXIST else { throw SystemError(path) }
        }
        throw SystemError(path, code: EEXIST)
    }

    /// Who has it, by what the file says, which may be of an earlier holder.
    private static func holder(_ raw: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = unsafe bytes.withUnsafeMutableBytes {
            unsafe pread(raw, $0.baseAddress, $0.count, 0)
        }
        let text = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
        guard let pid = Int32(text), pid > 0, kill(pid, 0) == 0 || errno == EPERM else {
            return "another process"
        }
        return "process \(pid)"
    }
}
