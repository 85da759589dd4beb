import ArgumentParser
import AscendCL
import Device

/// `flexnpu device`: what the device library has.
struct DeviceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "device",
        abstract: "Show the device library: chips, memory, operations.",
        discussion: """
            Without --device-library it is the software device that comes with FlexNPU.

            Examples:
              flexnpu device
              flexnpu device --operations | grep -i norm
              flexnpu device --device-library /usr/local/Ascend/latest/lib64 --json

            Exit code: 0, or 1 where the library cannot be used.
            """)

    @OptionGroup var library: DeviceLibraryOption
    @Flag(help: "List the operations that it computes.") var operations = false
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
        let facts = try DeviceFacts(path: library.path())
        if json { return print(try JSONOutput.text(facts)) }
        for line in operations ? facts.operations : facts.lines { print(line) }
    }
}

/// A device library as `flexnpu device` shows it.
struct DeviceFacts: Encodable, Equatable {
    struct Chip: Encodable, Equatable {
        var device: Int32
        var memoryFreeBytes: UInt64
        var memoryTotalBytes: UInt64
    }

    var library: String
    var chip: String
    var devices: [Chip]
    /// Functions of the API table that it has, and how many the table has.
    var functions: Int
    var functionsInTable: Int
    /// Its aclnn operations, by the name of the second phase.
    var operations: [String]

    init(path: String) throws {
        let library = try DeviceLibrary(path: path)
        let runtime = try AscendRuntime(library: library, runInline: true)
        self.library = path
        chip = runtime.socName
        devices = try (0..<Int32(runtime.deviceCount)).map { device in
            try runtime.select(device)
            let memory = try runtime.memoryInfo()
            return Chip(
                device: device, memoryFreeBytes: UInt64(memory.free),
                memoryTotalBytes: UInt64(memory.total))
        }
        let table = APITable.standard.functions
        let present = table.map(\.name).filter { library.address(of: $0) != nil }
        functions = present.count
        functionsInTable = table.count
        let suffix = "GetWorkspaceSize"
        operations = present.filter { $0.hasPrefix("aclnn") && $0.hasSuffix(suffix) }
            .map { String($0.dropLast(suffix.count)) }.sorted()
    }

    init(
        library: String, chip: String, devices: [Chip], functions: Int, functionsInTable: Int,
        operations: [String]
    ) {
        self.library = library
        self.chip = chip
        self.devices = devices
        self.functions = functions
        self.functionsInTable = functionsInTable
        self.operations = operations
    }

    var lines: [String] {
        var table = TextTable([
            .init("DEVICE", .right), .init("CHIP"), .init("MEMORY FREE", .right),
            .init("OF", .right),
        ])
        for device in devices {
            table.append([
                "\(device.device)", chip, Units.bytes(device.memoryFreeBytes),
                Units.bytes(device.memoryTotalBytes),
            ])
        }
        return [
            "library     \(library)",
            "functions   \(functions) of the \(functionsInTable) in the table",
            "operations  \(operations.count) (flexnpu device --operations lists them)", "",
        ] + table.lines()
    }
}
