import CLinux
import Glibc

/// A program that this process started.
package final class ChildProcess: Sendable {
    /// How a program ended.
    package enum Ending: Sendable, Equatable {
        case exited(code: Int32)
        case killed(signal: Int32)

        /// As a shell tells it: the exit code, or 128 and the signal.
        package var code: Int32 {
            switch self {
            case .exited(let code): code
            case .killed(let signal): 128 + signal
            }
        }
    }

    package let pid: Int32
    private let process: OwnedDescriptor

    /// Starts a program. A name without a slash is looked up in this process's PATH.
    ///
    /// - Parameters:
    ///   - program: a path or a name.
    ///   - arguments: what follows the name.
    ///   - environment: all of it.
    ///   - descriptors: what the child has as which of its own numbers; 0, 1 and 2 are this
    /// process's unless named.
    ///   - ownGroup: whether a terminal's keys do not reach it.
    package init(
        _ program: String, arguments: [String], environment: [String: String],
        descriptors: [(child: Int32, ours: Int32)] = [], ownGroup: Bool = false
    ) throws(SystemError) {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        for pair in descriptors {
            unsafe posix_spawn_file_actions_adddup2(&actions, pair.ours, pair.child)
        }
        var attributes = Self.attributes(ownGroup: ownGroup)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var child: pid_t = 0
        let variables = settings(environment)
        let code = unsafe withStrings([program] + arguments) { arguments in
            unsafe withStrings(variables) { variables in
                unsafe posix_spawnp(&child, program, &actions, &attributes, arguments, variables)
            }
        }
        guard code == 0 else { throw SystemError(program, code: code) }
        pid = child
        let started = child
        process = OwnedDescriptor(
            adopting: try retrying("\(program): pidfd_open") { cl_pidfd_open(started) })
    }

    /// Becomes readable when the program has ended.
    package var rawValue: Int32 { process.rawValue }

    package func signal(_ signal: Int32) { kill(pid, signal) }

    /// How it ended, or nil while it runs. One thread asks, until there is an answer.
    package func poll() throws(SystemError) -> Ending? { try reap(options: WNOHANG) }

    /// Waits until it has ended.
    package func wait() throws(SystemError) -> Ending {
        while true {
            if let ending = try reap(options: 0) { return ending }
        }
    }

    /// Waits at most that long; nil: it still runs.
    package func wait(milliseconds: Int32) throws(SystemError) -> Ending? {
        var item = pollfd(fd: rawValue, events: Int16(POLLIN), revents: 0)
        _ = unsafe Glibc.poll(&item, 1, milliseconds)
        return try poll()
    }

    private func reap(options: Int32) throws(SystemError) -> Ending? {
        var status: Int32 = 0
        let found = try retrying("process \(pid)") { unsafe waitpid(pid, &status, options) }
        guard found == pid else { return nil }
        if cl_signalled(status) != 0 { return .killed(signal: cl_signal(status)) }
        return .exited(code: cl_exit_code(status))
    }

    /// Nothing blocked and nothing ignored: the child is not to inherit what this process does with
    /// signals.
    private static func attributes(ownGroup: Bool) -> posix_spawnattr_t {
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        var none = sigset_t()
        var all = sigset_t()
        unsafe sigemptyset(&none)
        unsafe sigfillset(&all)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setsigdefault(&attributes, &all)
        if ownGroup { unsafe posix_spawnattr_setpgroup(&attributes, 0) }
        let group = ownGroup ? Int32(POSIX_SPAWN_SETPGROUP) : 0
        let flags = Int32(POSIX_SPAWN_SETSIGMASK) | Int32(POSIX_SPAWN_SETSIGDEF) | group
        unsafe posix_spawnattr_setflags(&attributes, Int16(flags))
        return attributes
    }
}

/// Ends this process at once, whatever its other threads do: no destructor runs.
package func endProcess(code: Int32) -> Never {
    fflush(nil)
    _exit(code)
}

/// Puts a program in this process's place: same number, same descriptors, nothing blocked and
/// nothing ignored. Returns only where that fails, and says why.
package func replaceProcess(
    with program: String, arguments: [String], environment: [String: String]
) -> SystemError {
    unsafe withStrings([program] + arguments) { arguments in
        unsafe withStrings(settings(environment)) { variables in
            unsafe cl_become(program, arguments, variables)
            return SystemError(program)
        }
    }
}

private func settings(_ environment: [String: String]) -> [String] {
    environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
}

/// The strings as C wants them: a list of pointers that ends with NULL.
private func withStrings<Result>(
    _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
) -> Result {
    let copies = unsafe strings.map { unsafe strdup($0) }
    defer { unsafe copies.forEach { unsafe free($0) } }
    return unsafe body(copies + [nil])
}

/// Asks for `signal` when the thread that started this process ends, so that a child does not
/// outlive its owner. Returns false where the owner is gone already.
package func followOwner(pid owner: Int32, signal: Int32 = SIGTERM) -> Bool {
    _ = cl_parent_death_signal(signal)
    return getppid() == owner
}
