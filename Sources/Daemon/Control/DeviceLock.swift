import Glibc
import LinuxIO

/// Keeps a second daemon from driving the same device, wherever their sockets lie and whoever runs
/// them. It goes with the process, however that ends.
///
/// A vendor's device is one for the whole host, so its lock has a fixed place and the number that
/// the host has for it. A software device is a part of the process that loads it: two daemons on it
/// share nothing, and only those with one folder of sockets keep each other off, so that programs
/// find one.
package final class DeviceLock: Sendable {
    private let files: [Held]

    private final class Held: Sendable {
        private let file: LockFile
        init(_ path: String, isShared: Bool) throws(SystemError) {
            file = try LockFile(path: path, isShared: isShared)
        }
    }

    /// - Parameters:
    ///   - device: its number in the device library.
    ///   - isShared: other processes' device libraries drive the same one.
    ///   - folder: where the daemon's socket is.
    ///   - environment: FLEXNPU_LOCK_FOLDER names another fixed place; CANN's own variable says
    /// which of the host's devices the library numbers.
    package init(
        device: Int32, isShared: Bool, folder: String, environment: [String: String]
    ) throws {
        let places =
            isShared
            ? Self.folders(environment).map {
                "\($0)/flexnpu-device-\(Self.hostNumber(device, environment)).lock"
            } : ["\(folder)/device-\(device).lock"]
        var held: [Held] = []
        var failures: [SystemError] = []
        for path in places {
            do throws(SystemError) {
                held.append(try Held(path, isShared: isShared))
            } catch {
                // Where this daemon may make no file, or there is no folder, the other place tells.
                guard [EACCES, ENOENT, EROFS, EPERM].contains(error.code) else {
                    throw Self.refusal(device, error)
                }
                failures.append(error)
            }
        }
        guard !held.isEmpty else {
            throw CommandError(
                description: "device \(device) cannot be locked: "
                    + failures.map { "\($0)" }.joined(separator: "; ")
                    + "; name a folder for locks with FLEXNPU_LOCK_FOLDER")
        }
        files = held
    }

    private static func refusal(_ device: Int32, _ error: SystemError) -> CommandError {
        let why =
            error.code == EWOULDBLOCK
            ? "device \(device) has a daemon already: \(error.action); use that one, or stop it first"
            : "device \(device) cannot be locked: \(error.action)"
        return CommandError(description: why)
    }

    /// Both are taken: a service may have a /tmp of its own, and a user no right to the other.
    private static func folders(_ environment: [String: String]) -> [String] {
        if let folder = environment["FLEXNPU_LOCK_FOLDER"], folder.hasPrefix("/") {
            return [folder]
        }
        return ["/run/lock", "/tmp"]
    }

    /// CANN numbers the devices of its ASCEND_RT_VISIBLE_DEVICES from 0.
    static func hostNumber(_ device: Int32, _ environment: [String: String]) -> Int32 {
        let visible = (environment["ASCEND_RT_VISIBLE_DEVICES"] ?? "").split(separator: ",")
        guard visible.indices.contains(Int(device)) else { return device }
        return Int32(visible[Int(device)].filter { $0 != " " }) ?? device
    }
}
