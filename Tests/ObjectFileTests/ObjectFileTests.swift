import Foundation
import ObjectFile
import Testing

@Suite struct ObjectFileTests {
    let bench: Workbench

    init() throws { bench = try Workbench() }

    @Test func `a library says what it defines, needs and is called`() throws {
        try bench.compile("libone.so", "int aclrtOne(void) { return 1; }", "-shared", "-fPIC")
        let path = try bench.compile(
            "libtwo.so", "int aclrtOne(void); int two(void) { return aclrtOne(); }", "-shared",
            "-fPIC",
            "-lone", "-Wl,-soname,libtwo.so.7", "-Wl,--build-id=0xabcdef01",
            "-Wl,-rpath,$ORIGIN:/somewhere,--enable-new-dtags")
        let object = try ObjectFile(path: path)
        #expect(object.soname == "libtwo.so.7")
        #expect(object.buildID == "abcdef01")
        #expect(object.needed.contains("libone.so"))
        #expect(object.runpath == ["$ORIGIN", "/somewhere"])
        #expect(object.defined.contains("two"))
        #expect(object.undefined.contains("aclrtOne"))
        #expect(!object.defined.contains("aclrtOne"))
    }

    @Test func `names in strings are found whole or not at all`() throws {
        let source = """
            const char *names[] = {"aclnnAdd", "call aclnnMul now", "aclnnSub(", "aclnnDiv\\n"};
            const char inside[] = "x\\0aclrtMalloc";
            """
        let path = try bench.compile("libnames.so", source, "-shared", "-fPIC")
        let names = try ObjectFile(path: path).embeddedNames(lengths: 5...40) {
            $0.hasPrefix("acl")
        }
        #expect(names == ["aclnnAdd", "aclrtMalloc"])
    }

    @Test func `a file that is no library is refused by name`() throws {
        let text = bench.path("notes.txt")
        try "hello".write(toFile: text, atomically: true, encoding: .utf8)
        #expect(throws: ObjectFileError(path: text, reason: .notELF)) { try ObjectFile(path: text) }
        #expect(throws: ObjectFileError(path: bench.folder, reason: .notELF)) {
            try ObjectFile(path: bench.folder)
        }
        let absent = bench.path("absent.so")
        #expect(throws: ObjectFileError(path: absent, reason: .system("No such file or directory")))
        {
            try ObjectFile(path: absent)
        }
        let object = try bench.compile("plain.o", "int f(void) { return 0; }", "-c")
        #expect(throws: ObjectFileError(path: object, reason: .notDynamic)) {
            try ObjectFile(path: object)
        }
    }

    @Test(arguments: [0, 3, 20, 64, 200, 3000, 9000])
    func `a file cut short is an error, not a crash`(length: Int) throws {
        let whole = try bench.compile("libcut.so", "int f(void) { return 0; }", "-shared", "-fPIC")
        let data = try Data(contentsOf: URL(fileURLWithPath: whole))
        let cut = bench.path("cut.so")
        try data.prefix(min(length, data.count - 1)).write(to: URL(fileURLWithPath: cut))
        #expect(throws: ObjectFileError.self) { try ObjectFile(path: cut) }
    }

    @Test(arguments: 0..<40)
    func `damaged files do not crash`(seed: Int) throws {
        let whole = try bench.compile("libbad.so", "int f(void) { return 0; }", "-shared", "-fPIC")
        var data = try Data(contentsOf: URL(fileURLWithPath: whole))
        var state = UInt64(seed) &+ 1
        for _ in 0..<60 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let place = Int(state >> 33) % data.count
            // The head and the section table steer the reader most.
            data[seed % 2 == 0 ? place : (data.count - 1 - place % 2000)] = UInt8(state >> 56)
        }
        let bad = bench.path("bad.so")
        try data.write(to: URL(fileURLWithPath: bad))
        if let object = try? ObjectFile(path: bad) {
            _ = try? object.embeddedNames(lengths: 1...100) { _ in true }
        }
        _ = try? hideSymbols(fromLookupInLibraryAt: bad, names: ["f"], offered: [])
    }

    @Test func `a program's libraries are found as the dynamic linker finds them`() throws {
        try FileManager.default.createDirectory(
            atPath: bench.path("deep"), withIntermediateDirectories: true)
        try bench.compile("deep/libleaf.so", "int leaf(void) { return 4; }", "-shared", "-fPIC")
        try bench.compile("libwild.so", "int wild(void) { return 4; }", "-shared", "-fPIC")
        try bench.compile("libgone.so", "int gone(void) { return 4; }", "-shared", "-fPIC")
        try bench.compile(
            "libmid.so", "int leaf(void); int mid(void) { return leaf(); }", "-shared", "-fPIC",
            "-L" + bench.path("deep"), "-lleaf", "-Wl,-rpath,$ORIGIN/deep")
        let program = try bench.compile(
            "program",
            "int mid(void), wild(void), gone(void); int main(void) { return mid() + wild() + gone(); }",
            "-lmid", "-lwild", "-lgone", "-Wl,-rpath,${ORIGIN}", "-Wl,--allow-shlib-undefined")
        try FileManager.default.createDirectory(
            atPath: bench.path("elsewhere"), withIntermediateDirectories: true)
        try FileManager.default.moveItem(
            atPath: bench.path("libwild.so"), toPath: bench.path("elsewhere/libwild.so"))
        try FileManager.default.removeItem(atPath: bench.path("libgone.so"))

        let search = LibrarySearch(libraryPath: [bench.path("elsewhere")])
        let closure = try search.closure(of: [program]) { $0.hasPrefix("libc.") }
        let names = closure.objects.map { ($0.path as NSString).lastPathComponent }
        #expect(names == ["program", "libmid.so", "libwild.so", "libleaf.so"])
        #expect(closure.missing.map(\.name) == ["libgone.so"])
        #expect(closure.missing.map(\.neededBy) == [program])
    }
}
