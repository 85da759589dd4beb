import ArgumentParser
import Foundation
import LinuxIO
import Wire

/// The daemon that serves a run: one that listens already, or one of its own.
struct DaemonService {
    let socket: String
    /// What the daemon drives; a program is fitted to exactly that.
    let deviceLibrary: String
    private let own: PrivateDaemon?
    /// The recording was started for this run and ends with it.
    private let records: Bool

    init(
        socket option: SocketOption, library: DeviceLibraryOption, trace: String?, policy: String?,
        environment: [String: String]
    ) throws {
        records = trace != nil
        if let status = try Self.listening(option) {
            guard policy == nil else {
                throw CommandFailure(
                    "a daemon listens at \(status.socket) and has its policy; change that with "
                        + "flexnpu policy load, for all its programs")
            }
            try Self.check(status, library)
            if let trace {
                _ = try option.connect().trace(.traceStart(directory: trace))
            }
            socket = status.socket
            deviceLibrary = status.deviceLibrary
            own = nil
        } else {
            let path = try library.path()
            let daemon = try PrivateDaemon(
                deviceLibrary: path, traceDirectory: trace, environment: environment)
            socket = daemon.socket
            deviceLibrary = path
            own = daemon
            do {
                try Self.load(policy, into: daemon)
            } catch {
                daemon.stop()
                throw error
            }
        }
    }

    /// The daemon that listens where it should, or nil where none does. One that was named must be
    /// there.
    private static func listening(_ option: SocketOption) throws -> DaemonStatus? {
        let path = option.path()
        if option.isDefault() && !FileManager.default.fileExists(atPath: path) { return nil }
        do {
            let client = try option.connect()
            var status = try client.status()
            status.socket = path
            return status
        } catch {
            // A socket that a daemon left behind is as good as none, in the default place.
            let isDead = (try? UnixConnection(path: path)) == nil
            if option.isDefault() && isDead { return nil }
            throw error
        }
    }

    private static func check(_ status: DaemonStatus, _ library: DeviceLibraryOption) throws {
        guard library.deviceLibrary != nil else { return }
        let wanted = try library.path()
        guard wanted != status.deviceLibrary else { return }
        throw CommandFailure(
            "the daemon at \(status.socket) drives \(status.deviceLibrary), not \(wanted); stop it, or "
                + "name another --socket")
    }

    private static func load(_ policy: String?, into daemon: PrivateDaemon) throws {
        guard let policy else { return }
        let source = try PolicySource.parse([policy])
        _ = try ControlClient(path: daemon.socket).order(source.request(carryState: false))
    }

    /// Something was started for this run, and is to be ended after it.
    var endsWithRun: Bool { own != nil || records }

    /// Ends what was started for this run, and says what was recorded.
    func end() {
        if records {
            do {
                let status = compacted(try ControlClient(path: socket).trace(.traceStop))
                Terminal.note("flexnpu run: recorded \(TraceReport.line(status))")
            } catch {
                Terminal.note("flexnpu run: the recording: \(error)")
            }
        }
        own?.stop()
    }
}
