import ArgumentParser
import AscendCL
import Foundation
import ObjectFile
import Wire

/// `flexnpu inspect`: what a program will call, before it runs.
struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show which AscendCL functions a program uses and how each is treated.",
        discussion: """
            Reads the program and every library that it needs (LD_LIBRARY_PATH, RPATH and RUNPATH \
            count), up to CANN's own. A function is imported (the dynamic linker looks for it) or \
            named (a string that dlsym may be asked for). What looks like AscendCL and is not in the \
            table escapes: FlexNPU neither sees nor carries it.

            A Python program's calls are in its extension modules: give those.

            Examples:
              flexnpu inspect ./server
              flexnpu inspect libtorch_npu.so --device-library DIR

            Exit code: 0 nothing escapes, 1 something does, 2 a file could not be read.
            """)

    @Argument(help: "Programs and libraries.")
    var files: [String]

    @Option(
        help: ArgumentHelp(
            "Say which functions this device library lacks.", valueName: "file or folder"))
    var deviceLibrary: String?

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let inspection: Inspection
        do throws(ObjectFileError) {
            let path = ProcessInfo.processInfo.environment["LD_LIBRARY_PATH"] ?? ""
            let search = LibrarySearch(libraryPath: path.split(separator: ":").map(String.init))
            let device: DeviceLibrary? =
                if let deviceLibrary { try DeviceLibrary(path: deviceLibrary) } else { nil }
            inspection = try Inspection(
                roots: files, search: search, table: .standard, device: device)
        } catch {
            var message = "flexnpu inspect: \(error)"
            if error.reason == .notELF { message += "; for a script, give its extension modules" }
            FileHandle.standardError.write(Data((message.printable + "\n").utf8))
            throw ExitCode(2)
        }
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            print(String(decoding: try encoder.encode(inspection), as: UTF8.self).printableJSON)
        } else {
            for line in inspection.lines { print(line.printable) }
        }
        if inspection.escapeCount > 0 { throw ExitCode(1) }
    }
}

extension Inspection {
    /// The report as text: functions by object, then what escapes, then the sums.
    var lines: [String] {
        var lines: [String] = []
        for object in objects where !object.functions.isEmpty {
            lines.append(object.path)
            for function in object.functions {
                let remark = [
                    function.reason, function.offered == false ? "not in the device library" : nil,
                ]
                let row = [
                    "  ", padded(function.class, 9), padded(function.use.rawValue, 9),
                    padded(function.name, 48), remark.compactMap { $0 }.joined(separator: "; "),
                ]
                lines.append(row.joined().trimmedEnd)
            }
            lines.append("")
        }
        if escapeCount > 0 {
            lines.append("escapes: looks like AscendCL and is not in the table")
            for object in objects {
                for escape in object.escapes {
                    lines.append(
                        "  \(padded(escape.use.rawValue, 9))\(padded(escape.name, 48))\(object.path)"
                    )
                }
            }
            lines.append("")
        }
        if !missing.isEmpty {
            lines.append("not found (set LD_LIBRARY_PATH as the program has it):")
            lines += missing.map { "  \(padded($0.name, 32))needed by \($0.neededBy)" }
            lines.append("")
        }
        return lines + [summary]
    }

    private var summary: String {
        let all = Dictionary(
            objects.flatMap(\.functions).map { ($0.name, $0) },
            uniquingKeysWith: { first, _ in first })
        let classes = FunctionClass.allCases.compactMap { one -> String? in
            let count = all.values.count { $0.class == one.rawValue }
            return count == 0 ? nil : "\(count) \(one.rawValue)"
        }
        let imported = all.values.count { $0.use == .imports }
        let files = "\(objectCount) file\(objectCount == 1 ? "" : "s") read"
        let sums = classes.isEmpty ? "no function of AscendCL" : classes.joined(separator: ", ")
        return "\(files); \(imported) functions imported, \(all.count - imported) named: \(sums); "
            + "\(escapeCount) escape\(escapeCount == 1 ? "" : "s")"
    }
}

private func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
}

extension String {
    fileprivate var trimmedEnd: String {
        String(reversed().drop { $0 == " " }.reversed())
    }
}
