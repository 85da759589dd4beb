import ArgumentParser
import Wire

/// `flexnpu device`: what the device library has.
struct DeviceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "device",
        abstract: "Show the device library: chips, clock, memory, operations.",
        discussion: """
            Without --device-library it is the software device that comes with FlexNPU.

            The software device is set by the environment of whoever loads it: a program \
            that runs direct, or the daemon. Each name begins with FLEXNPU_DEVICE_:
              CLOCK=free|paced     as fast as the CPU, or by the time of a chip
              CHIP=Ascend910B2     or Ascend910B3, Ascend910B4, Ascend910C
              SCALE=10             chip time, copies and wake-ups take so much longer
              HOST_COST_US=8,4,1   phase one, phase two, the rest: the caller's time
              COMPUTE=all          or none, or the flops up to which it computes
              TIMING_ONLY=1        offer operations without arithmetic
              COUNT=2              devices
              MEMORY=8589934592    bytes of each
            The chip's model: RECORD_US, WAIT_US, WAKE_UP_US, SATURATING_SHARE, COMPUTE_EXPONENT, \
            COMPUTE_EFFICIENCY, MEMORY_EFFICIENCY, LINK_EFFICIENCY.

            Examples:
              flexnpu device
              flexnpu device --operations | grep -i norm
              FLEXNPU_DEVICE_CLOCK=paced FLEXNPU_DEVICE_SCALE=10 flexnpu device
              flexnpu device --device-library /usr/local/Ascend/latest/lib64 --json

            Exit code: 0, or 1 where the library cannot be used.
            """)

    @OptionGroup var library: DeviceLibraryOption
    @Flag(help: "List its operations, and which of them only take time.") var operations = false
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
        let facts = try DeviceReport(path: library.path())
        if json { return print(try JSONOutput.text(facts)) }
        for line in operations ? facts.operationLines : facts.lines { print(line.printable) }
    }
}
