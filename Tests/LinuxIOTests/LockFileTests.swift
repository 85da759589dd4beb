import Glibc
import LinuxIO
import Testing

@Suite struct LockFileTests {
    private let folder = TemporaryFolder()

    @Test func `a lock names its holder and ends with it`() throws {
        let path = folder.file("lock")
        do {
            let held = try LockFile(path: path)
            let error = #expect(throws: SystemError.self) { _ = try LockFile(path: path) }
            #expect(error?.code == EWOULDBLOCK)
            #expect(error.map { "\($0)".contains("process \(getpid())") } == true)
            withExtendedLifetime(held) {}
        }
        _ = try LockFile(path: path)
    }

    @Test func `a holder that is no process any more is not named`() throws {
        let path = folder.file("lock")
        let held = try LockFile(path: path)
        // A number that no process has; written to the same file, which stays locked.
        let file = try Paths.openEmptied(path)
        try writeAll(Array("4194999".utf8).span, to: file.rawValue, path: path)
        let error = #expect(throws: SystemError.self) { _ = try LockFile(path: path) }
        #expect(error.map { "\($0)".contains("another process") } == true)
        withExtendedLifetime(held) {}
    }

    @Test func `a link is not followed, and what it leads to stays as it is`() throws {
        let (precious, path) = (folder.file("precious"), folder.file("lock"))
        try replaceFile(precious, with: Array("keep".utf8))
        try Paths.link(path, to: precious, draft: folder.file("draft"))
        let error = #expect(throws: SystemError.self) { _ = try LockFile(path: path) }
        #expect(error?.action.contains("is a link") == true)
        // Nor one to nothing, which would make a file elsewhere.
        try Paths.link(path, to: folder.file("made"), draft: folder.file("draft"))
        #expect(throws: SystemError.self) { _ = try LockFile(path: path) }
        #expect(!exists(folder.file("made")))
        #expect(try readFile(precious) == Array("keep".utf8))
    }

    @Test func `a file with another name, a folder and a FIFO are no lock`() throws {
        let (precious, path) = (folder.file("precious"), folder.file("lock"))
        try replaceFile(precious, with: Array("keep".utf8))
        #expect(link(precious, path) == 0)
        #expect(throws: SystemError.self) { _ = try LockFile(path: path) }
        #expect(try readFile(precious) == Array("keep".utf8))
        #expect(throws: SystemError.self) { _ = try LockFile(path: folder.path) }
        #expect(mkfifo(folder.file("fifo"), 0o600) == 0)
        #expect(throws: SystemError.self) { _ = try LockFile(path: folder.file("fifo")) }
    }

    @Test func `a shared lock may be taken by other users`() throws {
        let (own, shared) = (folder.file("own"), folder.file("shared"))
        let first = try LockFile(path: own)
        let second = try LockFile(path: shared, isShared: true)
        #expect(Paths.facts(own)?.st_mode == S_IFREG | 0o600)
        #expect(Paths.facts(shared)?.st_mode == S_IFREG | 0o644)
        withExtendedLifetime(first) {}
        withExtendedLifetime(second) {}
    }
}
