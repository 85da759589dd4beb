import ArgumentParser

/// What `flexnpu` says to arguments without doing anything: for tests of the interface.
package enum ArgumentCheck {
    /// The help of a command, 80 columns wide; `words` name it, as `["policy", "load"]`.
    package static func help(of words: [String]) -> String {
        var command: any ParsableCommand.Type = FlexNPUCommand.self
        for word in words {
            let parts = command.configuration.subcommands
            guard let next = parts.first(where: { $0.configuration.commandName == word }) else {
                return ""
            }
            command = next
        }
        return FlexNPUCommand.helpMessage(for: command, columns: 80)
    }

    /// Why the arguments are refused, or nil where they are fine.
    package static func message(for arguments: [String]) -> String? {
        do {
            _ = try FlexNPUCommand.parseAsRoot(arguments)
            return nil
        } catch {
            return FlexNPUCommand.fullMessage(for: error, columns: 80)
        }
    }

    /// The exit code that refused arguments end with.
    package static func exitCode(for arguments: [String]) -> Int32 {
        do {
            _ = try FlexNPUCommand.parseAsRoot(arguments)
            return 0
        } catch {
            return FlexNPUCommand.exitCode(for: error).rawValue
        }
    }
}
