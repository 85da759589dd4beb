import Foundation
import ObjectFile
import Testing

@Suite struct FittedLibraryTests {
    let bench: Workbench
    let library: String

    init() throws {
        bench = try Workbench()
        // It calls one of its own exported functions, as a library that is not built with care might,
        // and has versions of symbols, as every library that needs libc.
        let source = """
            int getpid(void);
            __attribute__((constructor)) static void begin(void) { getpid(); }
            int aclrtMalloc(void) { return 1; }
            int aclrtFree(void) { return 2; }
            int own(int call) { return call ? aclrtMalloc() : 7; }
            """
        library = try bench.compile(
            "libflexnpu.so", source, "-shared", "-fPIC", "-Wl,-soname,libflexnpu.so",
            "-Wl,--build-id")
        try bench.compile("libdevice.so", "int aclrtFree(void) { return 22; }", "-shared", "-fPIC")
    }

    private func fit(cache: String = "cache", links: [String] = ["libascendcl.so"]) throws
        -> FittedLibrary
    {
        try FittedLibrary(
            library: library, device: DeviceLibrary(path: bench.path("libdevice.so")),
            names: ["aclrtMalloc", "aclrtFree"], links: links, wireVersion: 1,
            cache: bench.path(cache))
    }

    @Test func `dlsym finds what the device library offers and nothing more`() throws {
        let fitted = try fit()
        let source = """
            #include <dlfcn.h>
            #include <stdio.h>
            int main(int count, char **values) {
                void *handle = dlopen(values[1], RTLD_NOW | RTLD_GLOBAL);
                if (!handle) { puts(dlerror()); return 1; }
                const char *names[] = {"aclrtMalloc", "aclrtFree", "own"};
                for (int i = 0; i < 3; i++)
                    printf("%s %d %d\\n", names[i], dlsym(handle, names[i]) != NULL,
                           dlsym(RTLD_DEFAULT, names[i]) != NULL);
                dlerror();
                dlsym(handle, "aclrtMalloc");
                puts(dlerror());
                return count - 2;
            }
            """
        let program = try bench.compile("ask", source, "-ldl")
        let answer = try bench.run(program, [fitted.folder + "/libascendcl.so"])
        #expect(answer.code == 0)
        #expect(answer.output.hasPrefix("aclrtMalloc 0 0\naclrtFree 1 1\nown 1 1\n"))
        #expect(answer.output.contains("undefined symbol: aclrtMalloc"))
    }

    @Test(arguments: ["now", "lazy"])
    func `a program that was linked with a hidden function starts, and calls it`(binding: String)
        throws
    {
        let source = """
            int aclrtMalloc(void), aclrtFree(void), puts(const char *);
            int main(int count, char **values) {
                (void)values;
                puts("started");
                return count > 1 ? aclrtMalloc() : aclrtFree();
            }
            """
        let program = try bench.compile(
            "linked-\(binding)", source, "-lflexnpu", "-Wl,-z,\(binding)")
        let fitted = try fit()
        #expect(try bench.run(program, [], libraryPath: bench.folder).code == 2)
        #expect(try bench.run(program, [], libraryPath: fitted.folder).code == 2)
        #expect(try bench.run(program, ["call"], libraryPath: fitted.folder).code == 1)
    }

    @Test func `a weak reference to a hidden function is resolved`() throws {
        let source = """
            __attribute__((weak)) int aclrtMalloc(void);
            __attribute__((weak)) int aclrtNobodyHasThis(void);
            int main(void) { return aclrtNobodyHasThis ? 9 : aclrtMalloc ? aclrtMalloc() : 8; }
            """
        let program = try bench.compile("weak", source, "-Wl,--no-as-needed", "-lflexnpu")
        #expect(try bench.run(program, [], libraryPath: fit().folder).code == 1)
    }

    @Test func `a library calls its own hidden functions`() throws {
        let source = """
            int own(int);
            int main(void) { return own(1); }
            """
        let program = try bench.compile("calls-own", source, "-lflexnpu")
        #expect(try bench.run(program, [], libraryPath: fit().folder).code == 1)
    }

    @Test func `a device library that refuses weakly is fitted as well`() throws {
        let source = """
            int getpid(void);
            __attribute__((constructor)) static void begin(void) { getpid(); }
            const int flexnpu_device_refuses_weakly = 1;
            int aclrtFree(void) { return 22; }
            __attribute__((weak)) int aclrtMalloc(void) { return 33; }
            """
        try bench.compile("librefusing.so", source, "-shared", "-fPIC", "-Wl,-soname,libdevice.so")
        let device = try DeviceLibrary(path: bench.path("librefusing.so"))
        #expect(device.names == ["aclrtFree", "flexnpu_device_refuses_weakly"])
        #expect(device.refusals == ["aclrtMalloc"])
        let fitted = try FittedLibrary(
            device: device, links: ["libflexnpu.so"], cache: bench.path("cache"))
        let copy = try ObjectFile(path: fitted.path)
        #expect(copy.linkable == ["aclrtMalloc"])
        #expect(copy.defined.contains("aclrtFree"))
        let program = try bench.compile(
            "direct", "int aclrtMalloc(void); int main(void) { return aclrtMalloc(); }", "-lflexnpu"
        )
        #expect(try bench.run(program, [], libraryPath: fitted.folder).code == 33)
    }

    @Test func `a library without versions of symbols is refused by name`() throws {
        let plain = try bench.compile(
            "libplain.so", "int aclrtMalloc(void) { return 1; }", "-shared", "-fPIC", "-nostdlib")
        #expect(throws: ObjectFileError.self) {
            try hideSymbols(fromLookupInLibraryAt: plain, names: ["aclrtMalloc"], offered: [])
        }
    }

    @Test func `weak definitions of another library are offered`() throws {
        try bench.compile(
            "libweak.so", "__attribute__((weak)) int aclrtFree(void) { return 1; }", "-shared",
            "-fPIC"
        )
        let device = try DeviceLibrary(path: bench.path("libweak.so"))
        #expect(device.names == ["aclrtFree"])
        #expect(device.refusals == [])
    }

    @Test func `names are told by the library that has them`() throws {
        try FileManager.default.createDirectory(
            atPath: bench.path("split"), withIntermediateDirectories: true)
        try bench.compile(
            "split/libacl_rt.so", "int aclrtOne(void) { return 0; }", "-shared", "-fPIC")
        try bench.compile(
            "split/libother.so", "int aclrtTwo(void) { return 0; }", "-shared", "-fPIC")
        let device = try DeviceLibrary(path: bench.path("split"))
        #expect(device.names(in: ["libacl_rt.so", "libascendcl.so"]) == ["aclrtOne"])
        let file = try DeviceLibrary(path: bench.path("split/libother.so"))
        #expect(file.names(in: ["libacl_rt.so"]) == ["aclrtTwo"])
    }

    @Test func `the original stays as it was, and the copy has its links`() throws {
        let before = try Data(contentsOf: URL(fileURLWithPath: library))
        let fitted = try fit(links: ["libascendcl.so", "libopapi.so", "libflexnpu.so"])
        #expect(try Data(contentsOf: URL(fileURLWithPath: library)) == before)
        let entries = try FileManager.default.contentsOfDirectory(atPath: fitted.folder).sorted()
        #expect(entries == ["libascendcl.so", "libflexnpu.so", "libopapi.so"])
        let copy = try ObjectFile(path: fitted.path)
        #expect(copy.defined == ["aclrtFree", "own"])
        #expect(copy.linkable == ["aclrtMalloc"])
        #expect(copy.soname == "libflexnpu.so")
    }

    @Test func `a copy is made once and found again; another device library gets its own`() throws {
        let first = try fit()
        let made =
            try FileManager.default.attributesOfItem(atPath: first.path)[.systemFileNumber] as? Int
        #expect(try fit() == first)
        let again =
            try FileManager.default.attributesOfItem(atPath: first.path)[.systemFileNumber] as? Int
        #expect(made == again)
        try bench.compile(
            "libdevice.so", "int aclrtMalloc(void) { return 22; }", "-shared", "-fPIC")
        let other = try fit()
        #expect(other != first)
        #expect(try ObjectFile(path: other.path).defined == ["aclrtMalloc", "own"])
    }

    @Test func `many at once end with one whole copy and no drafts`() async throws {
        let device = try DeviceLibrary(path: bench.path("libdevice.so"))
        let (library, cache) = (library, bench.path("shared"))
        let folders = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<16 {
                group.addTask {
                    try FittedLibrary(
                        library: library, device: device, names: ["aclrtMalloc", "aclrtFree"],
                        links: ["libascendcl.so"], wireVersion: 1, cache: cache
                    ).folder
                }
            }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(folders.count == 1)
        let entries = try FileManager.default.contentsOfDirectory(atPath: cache)
        #expect(entries.count == 1)
    }

    @Test func `a folder offers what its libraries offer together`() throws {
        try FileManager.default.createDirectory(
            atPath: bench.path("device"), withIntermediateDirectories: true)
        try bench.compile("device/liba.so", "int aclrtFree(void) { return 0; }", "-shared", "-fPIC")
        try bench.compile(
            "device/libb.so.1", "int aclnnAdd(void) { return 0; }", "-shared", "-fPIC")
        try FileManager.default.createSymbolicLink(
            atPath: bench.path("device/libb.so"), withDestinationPath: "libb.so.1")
        #expect(try DeviceLibrary(path: bench.path("device")).names == ["aclrtFree", "aclnnAdd"])
        try FileManager.default.createDirectory(
            atPath: bench.path("empty"), withIntermediateDirectories: true)
        #expect(throws: ObjectFileError(path: bench.path("empty"), reason: .noLibrary)) {
            try DeviceLibrary(path: bench.path("empty"))
        }
    }

    @Test func `a cache that cannot be written is an error that names it`() throws {
        try "a file".write(toFile: bench.path("taken"), atomically: true, encoding: .utf8)
        #expect(throws: ObjectFileError.self) { try fit(cache: "taken/inside") }
        #expect(throws: ObjectFileError.self) { try fit(cache: "taken") }
    }
}
