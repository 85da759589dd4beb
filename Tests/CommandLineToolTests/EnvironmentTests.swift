import CommandLineTool
import Glibc
import Testing

@Suite struct EnvironmentTests {
    private func environment(_ mode: LaunchMode) -> ProgramEnvironment {
        ProgramEnvironment(
            mode: mode, libraryFolder: "/cache/flexnpu/new", interposer: "/lib/libflexnpu.so",
            socket: "/run/s", tally: "/proc/1/fd/3",
            labels: [("phase", "decode"), ("tenant", "a")],
            cacheFolder: "/cache/flexnpu")
    }

    private let outer = [
        "PATH": "/bin", "LD_LIBRARY_PATH": "/cache/flexnpu/old:/opt/lib", "LD_PRELOAD": "/x.so",
        "FLEXNPU_MODE": "observe", "FLEXNPU_SOCKET": "/other", "FLEXNPU_DEVICE_COUNT": "4",
    ]

    @Test func `a routed program finds the interposer under CANN's names`() {
        let result = environment(.route).applied(to: outer)
        #expect(
            result == [
                "PATH": "/bin", "LD_LIBRARY_PATH": "/cache/flexnpu/new:/opt/lib",
                "LD_PRELOAD": "/x.so", "FLEXNPU_MODE": "route", "FLEXNPU_SOCKET": "/run/s",
                "FLEXNPU_LABELS": "phase=decode,tenant=a", "FLEXNPU_TALLY": "/proc/1/fd/3",
                "FLEXNPU_DEVICE_COUNT": "4",
            ])
    }

    @Test func `an observed program has the interposer preloaded, once`() {
        var nested = outer
        nested["LD_PRELOAD"] = "/old/libflexnpu.so:/x.so"
        let result = environment(.observe).applied(to: nested)
        #expect(result["LD_PRELOAD"] == "/lib/libflexnpu.so:/x.so")
        #expect(result["FLEXNPU_MODE"] == "observe")
    }

    @Test func `a program that runs directly has nothing of an outer run`() {
        var nested = outer
        nested["LD_PRELOAD"] = "/old/libflexnpu.so"
        nested["FLEXNPU_TALLY"] = "/proc/2/fd/3"
        let result = environment(.direct).applied(to: nested)
        #expect(
            result == [
                "PATH": "/bin", "LD_LIBRARY_PATH": "/cache/flexnpu/new:/opt/lib",
                "FLEXNPU_DEVICE_COUNT": "4",
            ])
    }

    @Test func `a daemon inherits nothing that leads to the interposer`() {
        let result = daemonEnvironment(outer, deviceLibrary: "/d.so", isFolder: false)
        #expect(result == ["PATH": "/bin", "FLEXNPU_DEVICE_COUNT": "4"])
        let vendor = daemonEnvironment(outer, deviceLibrary: "/cann/lib64", isFolder: true)
        #expect(vendor["LD_LIBRARY_PATH"] == "/cann/lib64")
    }

    @Test func `the runtime folder is the user's own`() {
        #expect(
            RuntimeFolder(environment: ["XDG_RUNTIME_DIR": "/run/user/7"], user: 7).daemonSocket
                == "/run/user/7/flexnpu/daemon.sock")
        #expect(RuntimeFolder(environment: [:], user: 7).path == "/tmp/flexnpu-7")
        let folder = S_IFDIR | 0o700
        func complaint(_ mode: mode_t, _ owner: uid_t) -> String? {
            RuntimeFolder.complaint(mode: mode, owner: owner, user: 7, path: "/f")
        }
        #expect(complaint(folder, 7) == nil)
        #expect(complaint(folder, 8)?.contains("belongs to user 8") == true)
        #expect(complaint(S_IFDIR | 0o777, 7)?.contains("others may write") == true)
        #expect(complaint(S_IFREG | 0o700, 7)?.contains("no folder") == true)
    }
}
