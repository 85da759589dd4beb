import Daemon
import Glibc
import LinuxIO
import Testing

@Suite struct PolicyFileTests {
    @Test func `a policy's file is text, and not without an end`() throws {
        let folder = try TestFolder()
        try folder.write("return {}\n", to: "p.lua")
        #expect(try PolicyFile.text(at: folder.file("p.lua")) == "return {}\n")
        try replaceFile(folder.file("p.lua"), with: [0x61, 0xff])
        let error = #expect(throws: FileRefusal.self) {
            try PolicyFile.text(at: folder.file("p.lua"))
        }
        #expect(error?.reason == .notText)
        #expect(truncate(folder.file("p.lua"), off_t(PolicyFile.limitBytes + 1)) == 0)
        #expect(throws: FileRefusal.self) { try PolicyFile.text(at: folder.file("p.lua")) }
    }

    @Test(.timeLimit(.minutes(1)))
    func `the folder of a policy is read, and nothing beside it`() throws {
        let folder = try TestFolder()
        try folder.write("return 1", to: "one.lua")
        let modules = PolicyFolder(ofPolicyAt: folder.file("policy.lua"))
        #expect(try modules.source(of: "one") == "return 1")
        for absent in ["two", "../one", ".", "", ".one", "a/one"] {
            #expect(try modules.source(of: absent) == nil, "\(absent)")
        }
        #expect(mkfifo(folder.file("pipe.lua"), 0o600) == 0)
        #expect(symlink("/etc/passwd", folder.file("link.lua")) == 0)
        #expect(mkdir(folder.file("folder.lua"), 0o700) == 0)
        for (name, why) in [
            ("pipe", "it is a pipe, not a file"), ("link", "it is a link, which is not"),
            ("folder", "it is a folder, not a file"),
        ] {
            let error = #expect(throws: ModuleRefusal.self) { try modules.source(of: name) }
            #expect(error?.description.hasPrefix(why) == true)
        }
    }
}
