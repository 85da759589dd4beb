import CommandLineTool
import Testing

/// Help is part of the interface: what it promises is asserted.
@Suite struct HelpTests {
    private static let commands: [[String]] = [
        ["daemon"], ["run"], ["top"], ["list"], ["status"], ["limit"], ["inspect"], ["api"],
        ["device"],
        ["policy"], ["policy", "list"], ["policy", "show"], ["policy", "check"],
        ["policy", "load"], ["policy", "swap"], ["policy", "set"], ["policy", "rollback"],
        ["trace"], ["trace", "record"], ["trace", "dump"], ["trace", "stats"], ["trace", "diff"],
    ]

    @Test func `the root names every command`() {
        let help = ArgumentCheck.help(of: [])
        for command in Self.commands where command.count == 1 {
            #expect(help.contains("\n  \(command[0]) "), "\(command[0]) is not listed")
        }
    }

    @Test(arguments: commands)
    func `help fits 80 columns, and says its exit codes or its parts`(command: [String]) {
        let help = ArgumentCheck.help(of: command)
        let lines = help.split(separator: "\n").filter { !$0.hasPrefix("USAGE:") }
        let longest = lines.map(\.count).max() ?? 0
        #expect(longest <= 88, "\(command): \(longest) columns")
        #expect(help.contains("Exit code:") || help.contains("SUBCOMMANDS:"))
    }

    @Test func `the help of run is this`() {
        let help = ArgumentCheck.help(of: ["run"])
        #expect(
            help.hasPrefix(
                """
                OVERVIEW: Run a program on the device library, under the daemon or observed by
                it.

                The program is not changed. Where no daemon listens, one is started for
                this run and ends with it.

                Examples:
                  flexnpu run -- python train.py
                  flexnpu run --label phase=decode --label tenant=a -- python generate.py
                  flexnpu run --observe --trace before -- ./inference
                  flexnpu run --direct -- python train.py      no daemon, for comparison

                Exit code: the program's; 128 and the signal's number where one ended
                it; 125 where FlexNPU could not do its part, 126 where the program could
                not be started, 127 where there is none of that name.

                USAGE: flexnpu run [--route | --observe | --direct] [options] -- PROGRAM
                """), "\(help)")
    }

    @Test func `the help of diff says what its exit codes mean`() {
        let help = ArgumentCheck.help(of: ["trace", "diff"])
        #expect(
            help.contains(
                """
                Exit code: 0 they did the same, 1 they differ, 2 a trace could not be
                read.
                """))
    }
}
