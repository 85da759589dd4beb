import Foundation

/// Finds the libraries that come with `flexnpu`.
struct BundledLibraries {
    /// Where to look, in this order.
    var folders: [String]

    /// FLEXNPU_LIBRARIES, else beside the executable and in ../lib/flexnpu from it.
    init(environment: [String: String], executable: String) {
        if let named = environment["FLEXNPU_LIBRARIES"], !named.isEmpty {
            folders = [absolutePath(named)]
        } else {
            let bin = URL(filePath: executable).deletingLastPathComponent()
            let lib = bin.deletingLastPathComponent().appending(path: "lib/flexnpu")
            folders = [bin.path, lib.path]
        }
    }

    static var current: BundledLibraries {
        BundledLibraries(
            environment: ProcessInfo.processInfo.environment, executable: executablePath)
    }

    /// This program's file.
    static var executablePath: String {
        URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().path
    }

    /// libflexnpu.so; in a build folder it has the product's name.
    func interposer() throws(CommandFailure) -> String {
        try find(["libflexnpu.so", "libflexnpu-interposer.so"])
    }

    /// The software device.
    func softwareDevice() throws(CommandFailure) -> String {
        try find(["libflexnpu-device.so"])
    }

    private func find(_ names: [String]) throws(CommandFailure) -> String {
        for folder in folders {
            for name in names {
                let path = folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
                if FileManager.default.fileExists(atPath: path) { return path }
            }
        }
        throw CommandFailure(
            "\(names[0]) is neither in \(folders.joined(separator: " nor in ")); build it, or say "
                + "where it is with FLEXNPU_LIBRARIES")
    }
}
