import Glibc
import LinuxIO
import Testing

@Suite struct PathsTests {
    private let folder = TemporaryFolder()

    @Test func `a folder is made once and left as it is`() throws {
        let path = folder.file("made")
        try Paths.makeFolder(path)
        try Paths.makeFolder(path)
        #expect(Paths.isFolder(path))
        #expect(throws: SystemError.self) { try Paths.makeFolder(folder.file("no/such")) }
    }

    @Test func `a link replaces what was there`() throws {
        let (target, link) = (folder.file("target"), folder.file("link"))
        try replaceFile(target, with: [1])
        try replaceFile(link, with: [2])
        try Paths.link(link, to: target, draft: link + ".1")
        #expect(try readFile(link) == [1])
        #expect(Paths.facts(link).map { $0.st_mode & S_IFMT } == S_IFLNK)
        #expect(Paths.facts(link + ".1") == nil)
    }

    @Test func `an opened file is empty, and a removed one is gone`() throws {
        let path = folder.file("log")
        try replaceFile(path, with: [1, 2, 3])
        _ = try Paths.openEmptied(path)
        #expect(try readFile(path) == [])
        Paths.remove(path)
        #expect(!exists(path) && !Paths.isFolder(path))
    }

    @Test func `nothing is there to read`() throws {
        let nothing = try Paths.openNothing()
        var byte: UInt8 = 7
        #expect(read(nothing.rawValue, &byte, 1) == 0)
    }
}
