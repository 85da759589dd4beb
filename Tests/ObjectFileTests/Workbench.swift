import Foundation

/// A temporary folder with a C compiler in it.
final class Workbench {
    let folder: String

    init() throws {
        folder = NSTemporaryDirectory() + "objectfile-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func path(_ name: String) -> String { folder + "/" + name }

    /// Compiles C with the machine's compiler; answers the path of what came out.
    @discardableResult
    func compile(_ name: String, _ source: String, _ flags: String...) throws -> String {
        let sourcePath = path(name + ".c")
        try source.write(toFile: sourcePath, atomically: true, encoding: .utf8)
        let result = try run(
            "/usr/bin/env", ["cc", sourcePath, "-o", path(name), "-L" + folder] + flags)
        guard result.code == 0 else { throw Failure(message: result.output) }
        return path(name)
    }

    /// Runs a program; its output is standard output and error together.
    func run(
        _ program: String, _ arguments: [String] = [], libraryPath: String? = nil
    ) throws -> (code: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        if let libraryPath {
            process.environment = ["LD_LIBRARY_PATH": libraryPath, "PATH": "/usr/bin:/bin"]
        }
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }

    struct Failure: Error { var message: String }
}
