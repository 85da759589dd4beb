import Glibc
import LinuxIO
import Testing

/// Whatever lies where a file is looked for, nobody waits for it, and it is refused by name.
@Suite struct RegularFileTests {
    private let folder = TemporaryFolder()
    private let rules = FileRules(limitBytes: 1000)

    private func reason(_ path: String, _ rules: FileRules) -> FileRefusal.Reason? {
        do throws(FileRefusal) {
            _ = try readRegularFile(path, rules)
            return nil
        } catch {
            #expect(error.path == path && error.description == "\(path): \(error.why)")
            return error.reason
        }
    }

    @Test(.timeLimit(.minutes(1))) func `what is no file is refused, and never waited for`() throws
    {
        let pipe = folder.file("pipe")
        #expect(mkfifo(pipe, 0o600) == 0)
        #expect(reason(pipe, rules) == .pipe)
        #expect(reason(folder.path, rules) == .folder)
        for device in ["/dev/zero", "/dev/null", "/dev/tty"] {
            #expect(reason(device, rules) == .device)
        }
        #expect(reason(folder.file("none"), rules) == .absent)
        let socket = folder.file("socket")
        let listener = try UnixListener(path: socket)
        #expect(reason(socket, rules) == .socket)
        withExtendedLifetime(listener) {}
    }

    @Test func `a file that is too large, or has no end, is refused`() throws {
        let path = folder.file("large")
        try replaceFile(path, with: [UInt8](repeating: 65, count: 1001))
        #expect(reason(path, rules) == .tooLarge(limitBytes: 1000))
        #expect(try readRegularFile(path, FileRules(limitBytes: 1001)).count == 1001)
        // Its size is not worth a look: the file has more than it says.
        #expect(reason("/proc/self/maps", FileRules(limitBytes: 100)) == .tooLarge(limitBytes: 100))
        // A hole of a terabyte takes no time.
        let hole = folder.file("hole")
        try replaceFile(hole, with: [])
        #expect(truncate(hole, 1 << 40) == 0)
        #expect(reason(hole, rules) == .tooLarge(limitBytes: 1000))
    }

    @Test func `links are followed where the rules say so`() throws {
        let (path, link) = (folder.file("file"), folder.file("link"))
        try replaceFile(path, with: Array("text".utf8))
        #expect(symlink(path, link) == 0)
        #expect(try readRegularFile(link, rules) == Array("text".utf8))
        #expect(reason(link, FileRules(limitBytes: 1000, followsLinks: false)) == .link)
        let zero = folder.file("zero")
        #expect(symlink("/dev/zero", zero) == 0)
        #expect(reason(zero, rules) == .device)
        let loop = folder.file("loop")
        #expect(symlink(loop, loop) == 0)
        #expect(reason(loop, rules) == .system(ELOOP))
    }

    @Test func `another user's file is refused where only the own will do`() throws {
        let path = folder.file("file")
        try replaceFile(path, with: [1])
        let own = FileRules(limitBytes: 1000, isOwnOnly: true)
        #expect(reason(path, own) == nil)
        guard geteuid() == 0 else { return }
        #expect(chown(path, 12_345, 12_345) == 0)
        #expect(reason(path, own) == .ofAnotherUser(12_345))
        #expect(reason(path, rules) == nil)
    }
}
