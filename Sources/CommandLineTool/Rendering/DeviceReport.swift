import AscendCL
import Device

/// A device library as `flexnpu device` shows it.
package struct DeviceReport: Encodable, Equatable {
    package struct Chip: Encodable, Equatable {
        package var device: Int32
        package var memoryFreeBytes: UInt64
        package var memoryTotalBytes: UInt64

        package init(device: Int32, memoryFreeBytes: UInt64, memoryTotalBytes: UInt64) {
            self.device = device
            self.memoryFreeBytes = memoryFreeBytes
            self.memoryTotalBytes = memoryTotalBytes
        }
    }

    package var library: String
    package var chip: String
    package var devices: [Chip]
    /// Functions of the API table that it has, and how many the table has.
    package var functions: Int
    package var functionsInTable: Int
    /// Its aclnn operations that compute, by the name of the second phase.
    package var operations: [String]
    /// Those that have a time and no arithmetic.
    package var timingOnlyOperations: [String]
    /// How a software device was set up; empty for another library.
    package var setup: DeviceSetup

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
        let present = table.map(\.name).filter(library.exports)
        functions = present.count
        functionsInTable = table.count
        setup = DeviceSetup(library.ownDescription)
        timingOnlyOperations = setup.timingOnlyOperations
        let suffix = "GetWorkspaceSize"
        let timingOnly = Set(timingOnlyOperations)
        operations = present.filter { $0.hasPrefix("aclnn") && $0.hasSuffix(suffix) }
            .map { String($0.dropLast(suffix.count)) }.filter { !timingOnly.contains($0) }.sorted()
    }

    package init(
        library: String, chip: String, devices: [Chip], functions: Int, functionsInTable: Int,
        operations: [String], setup: DeviceSetup = DeviceSetup("")
    ) {
        self.library = library
        self.chip = chip
        self.devices = devices
        self.functions = functions
        self.functionsInTable = functionsInTable
        self.operations = operations
        self.setup = setup
        timingOnlyOperations = setup.timingOnlyOperations
    }

    /// One operation a line; those without arithmetic say so.
    package var operationLines: [String] {
        let lines = operations.map { ($0, $0) }
        let timed = timingOnlyOperations.map { ($0, "\($0)  timing only") }
        return (lines + timed).sorted { $0.0 < $1.0 }.map(\.1)
    }

    private var countOfOperations: String {
        var counts = "\(operations.count)"
        if !timingOnlyOperations.isEmpty {
            counts += " computed, \(timingOnlyOperations.count) timing only"
            if !setup.offersTimingOnly { counts += ", refused on the free clock" }
        }
        return counts
    }

    package var lines: [String] {
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
            "operations  \(countOfOperations) (flexnpu device --operations lists them)",
        ] + setup.lines + [""] + table.lines()
    }
}
