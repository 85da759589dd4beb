import ArgumentParser
import Foundation

/// `--device-library`, for every command that uses one.
struct DeviceLibraryOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "CANN's library folder, or one file that exports AscendCL. "
                + "Default: the software device.",
            valueName: "path"))
    var deviceLibrary: String?

    /// The library's path from the root; the software device's where none is named.
    func path() throws -> String {
        guard let deviceLibrary else { return try BundledLibraries.current.softwareDevice() }
        let path = absolutePath(deviceLibrary)
        guard FileManager.default.fileExists(atPath: path) else {
            throw CommandFailure("\(deviceLibrary): no such device library")
        }
        return URL(filePath: path).resolvingSymlinksInPath().path
    }
}
