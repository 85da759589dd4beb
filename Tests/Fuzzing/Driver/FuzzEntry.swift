import Foundation
import FuzzTargets

// What libFuzzer calls, and what calls libFuzzer. `FLEXNPU_FUZZ_TARGET` names the target.

private let target: FuzzTarget = {
    let name = getenv("FLEXNPU_FUZZ_TARGET").map { String(cString: $0) } ?? ""
    guard let target = FuzzTarget(rawValue: name) else {
        fatalError(
            "FLEXNPU_FUZZ_TARGET is \"\(name)\"; the targets are "
                + FuzzTarget.allCases.map(\.rawValue).joined(separator: ", "))
    }
    return target
}()

private func say(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }

/// Runs one input; a broken promise ends the process, so that libFuzzer keeps the input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    if let broken = target.run(input) {
        say("\(target.rawValue): \(broken)")
        abort()
    }
    return 0
}

/// libFuzzer itself: reads the arguments, and runs inputs until they say stop.
@_silgen_name("LLVMFuzzerRunDriver")
private func runFuzzer(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ testOneInput: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// Where the linker sends a program of this package that is started, past libFuzzer's own `main`.
@_cdecl("flexnpu_fuzz_main")
public func main(
    _ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
) -> CInt {
    if let folder = getenv("FLEXNPU_FUZZ_SEEDS") { return writeSeeds(String(cString: folder)) }
    var (count, arguments) = (count, arguments)
    return runFuzzer(&count, &arguments, testOneInput)
}

/// Writes the inputs that were made by hand, a folder a target. Returns the exit code.
private func writeSeeds(_ folder: String) -> CInt {
    do {
        for target in FuzzTarget.allCases {
            let corpus = URL(filePath: folder).appending(path: target.rawValue)
            try FileManager.default.createDirectory(at: corpus, withIntermediateDirectories: true)
            for (name, bytes) in try target.seeds() {
                try Data(bytes).write(to: corpus.appending(path: name))
            }
        }
        return 0
    } catch {
        say("seeds: \(error)")
        return 1
    }
}
