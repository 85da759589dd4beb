import Daemon
import Foundation
import LinuxIO
import Testing

@Suite final class DeviceLockTests {
    private let folder = NSTemporaryDirectory() + "flexnpu-lock-\(UUID().uuidString.prefix(8))"

    init() throws {
        for name in ["a", "b", "locks"] { try makeFolder("\(folder)/\(name)") }
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private func lock(
        _ device: Int32, isShared: Bool, _ socketFolder: String, visible: String? = nil
    ) throws -> DeviceLock {
        var environment = ["FLEXNPU_LOCK_FOLDER": "\(folder)/locks"]
        environment["ASCEND_RT_VISIBLE_DEVICES"] = visible
        return try DeviceLock(
            device: device, isShared: isShared, folder: "\(folder)/\(socketFolder)",
            environment: environment)
    }

    @Test func `a vendor's device has one daemon, wherever the sockets are`() throws {
        let held = try lock(0, isShared: true, "a")
        let error = #expect(throws: CommandError.self) { try self.lock(0, isShared: true, "b") }
        #expect(error?.description.contains("device 0 has a daemon already") == true)
        #expect(error?.description.contains("process \(getpid())") == true)
        let other = try lock(1, isShared: true, "b")
        withExtendedLifetime((held, other)) {}
    }

    @Test func `devices go by the host's numbers`() throws {
        let held = try lock(0, isShared: true, "a", visible: "2, 5")
        #expect(throws: CommandError.self) { try self.lock(2, isShared: true, "b") }
        #expect(throws: CommandError.self) { try self.lock(1, isShared: true, "b", visible: "1,2") }
        let others = [
            try lock(0, isShared: true, "b"), try lock(1, isShared: true, "b", visible: "2,5"),
            try lock(3, isShared: true, "b", visible: "2,x"),
        ]
        withExtendedLifetime((held, others)) {}
    }

    @Test func `software devices of two folders are two, of one folder one`() throws {
        let held = try lock(0, isShared: false, "a")
        let other = try lock(0, isShared: false, "b")
        #expect(throws: CommandError.self) { try self.lock(0, isShared: false, "a") }
        withExtendedLifetime((held, other)) {}
    }

    @Test func `a link in the place of the lock is named, and nothing is written`() throws {
        let precious = "\(folder)/precious"
        try replaceFile(precious, with: [1, 2, 3])
        for path in ["\(folder)/a/device-0.lock", "\(folder)/locks/flexnpu-device-0.lock"] {
            try Paths.link(path, to: precious, draft: "\(folder)/draft")
        }
        for isShared in [false, true] {
            let error = #expect(throws: CommandError.self) {
                try self.lock(0, isShared: isShared, "a")
            }
            #expect(error?.description.contains("is a link") == true)
        }
        #expect(try readFile(precious) == [1, 2, 3])
    }

    @Test func `without a place for locks there is no daemon`() throws {
        let environment = ["FLEXNPU_LOCK_FOLDER": "\(folder)/none"]
        let error = #expect(throws: CommandError.self) {
            try DeviceLock(device: 0, isShared: true, folder: self.folder, environment: environment)
        }
        #expect(error?.description.contains("FLEXNPU_LOCK_FOLDER") == true)
    }
}
