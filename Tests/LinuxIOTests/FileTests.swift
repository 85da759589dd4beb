import Glibc
import LinuxIO
import Testing

@Suite struct FileTests {
    private let folder = TemporaryFolder()

    @Test func `a file is replaced as a whole`() throws {
        let path = folder.file("state")
        try replaceFile(path, with: Array("one".utf8))
        try replaceFile(path, with: Array("two".utf8))
        #expect(try readFile(path) == Array("two".utf8))
        #expect(try folderEntries(folder.path) == ["state"])
        #expect(throws: SystemError.self) { try readFile(path, limit: 2) }
        #expect(throws: SystemError.self) { try replaceFile(folder.file("no/such"), with: []) }
    }

    @Test func `a file is appended to and read in pieces`() throws {
        let path = folder.file("trace")
        let file = try AppendedFile(creating: path)
        #expect(throws: SystemError.self) { try AppendedFile(creating: path) }
        try file.append([1, 2, 3])
        try file.append([4, 5])
        try file.sync()
        let reader = try ReadableFile(path)
        #expect(try reader.size() == 5)
        #expect(try reader.read(at: 1, count: 3) == [2, 3, 4])
        #expect(try reader.read(at: 4, count: 10) == [5])
        #expect(try reader.read(at: 9, count: 10) == [])
    }

    @Test func `a full disk has a name`() throws {
        guard exists("/dev/full") else { return }
        let full = OwnedDescriptor(adopting: open("/dev/full", O_WRONLY))
        let error = #expect(throws: SystemError.self) {
            try writeAll([1 as UInt8].span, to: full.rawValue, path: "/dev/full")
        }
        #expect(error?.kind == .noSpace)
    }

    @Test func `this process takes memory`() {
        #expect(residentBytes() > 1 << 20)
    }

    @Test func `what is made is its owner's alone, whatever the umask`() async {
        // In a process of its own: the umask is all of a process's.
        await #expect(processExitsWith: .success) {
            let folder = TemporaryFolder()
            for mask in [mode_t(0), 0o277] {
                let (path, file) = (folder.file("\(mask)/b"), folder.file("\(mask)/b/file"))
                umask(mask)
                #expect(try makeFolder(path))
                #expect(try !makeFolder(path))
                _ = try AppendedFile(creating: file)
                #expect(Paths.facts(path)?.st_mode == S_IFDIR | 0o700)
                #expect(Paths.facts(file)?.st_mode == S_IFREG | 0o600)
            }
        }
    }

    @Test func `no link is followed to a file that is written`() throws {
        let (precious, link) = (folder.file("precious"), folder.file("link"))
        try replaceFile(precious, with: Array("keep".utf8))
        try Paths.link(link, to: precious, draft: folder.file("draft"))
        #expect(throws: SystemError.self) { _ = try Paths.openEmptied(link) }
        #expect(throws: SystemError.self) { _ = try AppendedFile(continuing: link) }
        try Paths.link(folder.file("state.new"), to: precious, draft: folder.file("draft"))
        #expect(throws: SystemError.self) { try replaceFile(folder.file("state"), with: [1]) }
        #expect(try readFile(precious) == Array("keep".utf8))
    }
}
