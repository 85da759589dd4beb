import ArgumentParser

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
