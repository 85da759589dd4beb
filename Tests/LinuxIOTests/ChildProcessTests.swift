import Glibc
import LinuxIO
import Testing

@Suite struct ChildProcessTests {
    private func start(_ script: String, _ environment: [String: String] = [:]) throws
        -> ChildProcess
    {
        try ChildProcess("/bin/sh", arguments: ["-c", script], environment: environment)
    }

    @Test func `a child's code and its signal come back`() throws {
        #expect(try start("exit 3").wait() == .exited(code: 3))
        let killed = try start("kill -9 $$").wait()
        #expect(killed == .killed(signal: SIGKILL))
        #expect(killed.code == 137)
    }

    @Test func `a child has the environment it was given and nothing more`() throws {
        let child = try start("test \"$A\" = 'b c' && test -z \"$HOME\"", ["A": "b c"])
        #expect(try child.wait() == .exited(code: 0))
    }

    @Test func `a program that is not there is an error`() {
        let error = #expect(throws: SystemError.self) {
            try ChildProcess("no-such-program", arguments: [], environment: [:])
        }
        #expect(error?.kind == .noSuchFile)
    }

    @Test func `a signal reaches it, and waiting has a limit`() throws {
        let child = try start("exec sleep 100")
        #expect(try child.wait(milliseconds: 10) == nil)
        child.signal(SIGTERM)
        #expect(try child.wait() == .killed(signal: SIGTERM))
    }

    @Test func `its output can be ours`() throws {
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        let reading = OwnedDescriptor(adopting: ends[0])
        let writing = OwnedDescriptor(adopting: ends[1])
        let child = try ChildProcess(
            "echo", arguments: ["hello"], environment: [:], descriptors: [(1, writing.rawValue)])
        #expect(try child.wait() == .exited(code: 0))
        var bytes = [UInt8](repeating: 0, count: 16)
        #expect(read(reading.rawValue, &bytes, 16) == 6)
    }
}
