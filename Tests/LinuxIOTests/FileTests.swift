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

    @Test func `a lock names its holder and ends with it`() throws {
        let path = folder.file("lock")
        do {
            let held = try LockFile(path: path)
            let error = #expect(throws: SystemError.self) { _ = try LockFile(path: path) }
            #expect(error.map { "\($0)".contains("\(getpid())") } == true)
            withExtendedLifetime(held) {}
        }
        _ = try LockFile(path: path)
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
}
