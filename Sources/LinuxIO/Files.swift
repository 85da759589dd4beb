import CLinux
import Glibc

/// All bytes of a file, at most `limit` of them.
package func readFile(_ path: String, limit: Int = 64 << 20) throws(SystemError) -> [UInt8] {
    let file = OwnedDescriptor(
        adopting: try retrying(path) { unsafe open(path, O_RDONLY | O_CLOEXEC) })
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
        let got = try retrying("\(path): read") {
            unsafe chunk.withUnsafeMutableBytes {
                unsafe read(file.rawValue, $0.baseAddress, $0.count)
            }
        }
        if got == 0 { return bytes }
        guard bytes.count + got <= limit else {
            throw SystemError("\(path): larger than \(limit) bytes", code: EFBIG)
        }
        bytes.append(contentsOf: chunk[..<got])
    }
}

/// Replaces a file as a whole: readers see the old one or the new one, and a crash leaves one of
/// the two.
package func replaceFile(_ path: String, with bytes: [UInt8], mode: UInt32 = 0o600)
    throws(SystemError)
{
    let temporary = "\(path).new"
    let flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC
    let file = OwnedDescriptor(
        adopting: try retrying(temporary) { unsafe open(temporary, flags, mode) })
    let raw = file.rawValue
    do throws(SystemError) {
        try writeAll(bytes.span, to: raw, path: temporary)
    } catch {
        unsafe unlink(temporary)
        throw error
    }
    try retrying("\(temporary): sync") { fsync(raw) }
    try retrying("\(path): rename") { unsafe rename(temporary, path) }
}

/// Makes a folder and those above it, with exactly that mode, whatever the umask. Returns whether
/// the folder itself is new.
@discardableResult
package func makeFolder(_ path: String, mode: UInt32 = 0o700) throws(SystemError) -> Bool {
    var partial = path.hasPrefix("/") ? "" : "."
    var isNew = false
    for part in path.split(separator: "/") {
        partial += "/\(part)"
        isNew = unsafe mkdir(partial, mode) == 0
        guard isNew else {
            if errno != EEXIST { throw SystemError("\(partial): mkdir") }
            continue
        }
        try retrying("\(partial): chmod") { unsafe chmod(partial, mode) }
    }
    return isNew
}

/// Gives two folders each other's names, at once: no crash leaves one of them without a name. Where
/// the file system cannot, `other` gets the name and `path` that name with `.old` behind it.
/// Returns the name that the folder of `path` has now.
package func exchangeFolders(_ path: String, _ other: String) throws(SystemError) -> String {
    if unsafe cl_exchange(path, other) == 0 { return other }
    guard errno == EINVAL || errno == ENOSYS else { throw SystemError("\(path): exchange") }
    try retrying("\(path): rename") { unsafe rename(path, path + ".old") }
    try retrying("\(other): rename") { unsafe rename(other, path) }
    return path + ".old"
}

/// Removes a folder and the files in it; one that holds folders is left, with an error.
package func removeFolder(_ path: String) throws(SystemError) {
    for name in try folderEntries(path) {
        try retrying("\(path)/\(name): unlink") { unsafe unlink("\(path)/\(name)") }
    }
    try retrying("\(path): rmdir") { unsafe rmdir(path) }
}

/// Whether a file or folder is there.
package func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

/// Tells when files of a folder are written or renamed over; editors do either.
package final class FolderWatch: Sendable {
    private let descriptor: OwnedDescriptor
    package var rawValue: Int32 { descriptor.rawValue }

    package init(folder: String) throws(SystemError) {
        descriptor = OwnedDescriptor(
            adopting: try retrying("\(folder): watch") { unsafe cl_watch_folder(folder) })
    }

    /// Takes the notices away.
    package func drain() {
        var bytes = [UInt8](repeating: 0, count: 4096)
        while unsafe bytes.withUnsafeMutableBytes({
            unsafe read(rawValue, $0.baseAddress, $0.count)
        }) > 0 {}
    }
}

/// Signals as something to poll: those named are blocked for the calling thread and all it starts
/// later.
package final class SignalDescriptor: Sendable {
    private let descriptor: OwnedDescriptor
    package var rawValue: Int32 { descriptor.rawValue }

    package init(_ signals: [Int32]) throws(SystemError) {
        descriptor = OwnedDescriptor(
            adopting: try retrying("signalfd") { unsafe cl_signalfd(signals + [0]) })
    }

    /// The next signal that came and the process that sent it (0: the kernel did, as for a
    /// terminal's keys), or nil.
    package func nextWithSender() -> (signal: Int32, sender: Int32)? {
        var sender: Int32 = 0
        let signal = unsafe cl_signal_read_from(rawValue, &sender)
        return signal > 0 ? (signal, sender) : nil
    }

    /// The next signal that came, or nil.
    package func next() -> Int32? {
        let signal = cl_signal_read(rawValue)
        return signal > 0 ? signal : nil
    }
}

/// Bytes of memory that this process has in use, from /proc.
package func residentBytes() -> UInt64 {
    guard let text = try? readFile("/proc/self/statm") else { return 0 }
    let fields = String(decoding: text, as: UTF8.self).split(separator: " ")
    guard fields.count > 1, let pages = UInt64(fields[1]) else { return 0 }
    return pages * UInt64(sysconf(Int32(_SC_PAGESIZE)))
}
