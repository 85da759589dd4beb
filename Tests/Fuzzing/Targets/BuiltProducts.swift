import Device
import Foundation

/// What was built beside this program.
enum BuiltProducts {
    /// The software device.
    static let deviceLibrary: String = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent().appending(path: "libflexnpu-device.so").path

    /// The root of the sources that this was built from.
    static let sources = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
}
