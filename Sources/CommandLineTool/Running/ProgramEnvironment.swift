import ArgumentParser

/// How a program meets the device.
enum LaunchMode: String, EnumerableFlag, Sendable {
    case route, observe, direct

    static func help(for value: LaunchMode) -> ArgumentHelp? {
        switch value {
        case .route: "The daemon does its work, as the policy decides."
        case .observe: "It does its own work; the daemon sees every call."
        case .direct: "It does its own work on the device library; no daemon."
        }
    }
}

/// The environment that a program is started with.
struct ProgramEnvironment {
    var mode: LaunchMode
    /// First on LD_LIBRARY_PATH: links to the device library, or to the interposer fitted to it.
    var libraryFolder: String
    /// libflexnpu.so, for observing.
    var interposer: String?
    var socket: String?
    var labels: [(key: String, value: String)] = []
    /// Where our folders of links are: entries of an outer `flexnpu run` are dropped.
    var cacheFolder: String

    /// The variables that only one of our runs gives to its program.
    private static let own = ["FLEXNPU_MODE", "FLEXNPU_SOCKET", "FLEXNPU_LABELS"]

    /// `outer` with what this program needs.
    func applied(to outer: [String: String]) -> [String: String] {
        var result = outer.filter { !Self.own.contains($0.key) }
        let kept = Self.entries(outer["LD_LIBRARY_PATH"], separators: ":").filter {
            !$0.hasPrefix(cacheFolder + "/")
        }
        result["LD_LIBRARY_PATH"] = ([libraryFolder] + kept).joined(separator: ":")
        var preloaded = Self.entries(outer["LD_PRELOAD"], separators: ": ").filter {
            !$0.hasSuffix("/libflexnpu.so") && !$0.hasSuffix("/libflexnpu-interposer.so")
        }
        if mode == .observe, let interposer { preloaded.insert(interposer, at: 0) }
        result["LD_PRELOAD"] = preloaded.isEmpty ? nil : preloaded.joined(separator: ":")
        guard mode != .direct else { return result }
        result["FLEXNPU_MODE"] = mode.rawValue
        result["FLEXNPU_SOCKET"] = socket
        if !labels.isEmpty {
            result["FLEXNPU_LABELS"] = labels.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
        }
        return result
    }

    private static func entries(_ list: String?, separators: String) -> [String] {
        (list ?? "").split { separators.contains($0) }.map(String.init)
    }
}

/// The environment of a daemon that `flexnpu run` starts: nothing in it may lead to the interposer, which a
/// daemon must never load.
func daemonEnvironment(
    _ outer: [String: String], deviceLibrary: String, isFolder: Bool
) -> [String: String] {
    var result = outer.filter { variable in
        variable.key != "LD_PRELOAD" && variable.key != "LD_LIBRARY_PATH"
            && (!variable.key.hasPrefix("FLEXNPU_") || variable.key.hasPrefix("FLEXNPU_DEVICE_"))
    }
    // The vendor's libraries find each other by name.
    if isFolder { result["LD_LIBRARY_PATH"] = deviceLibrary }
    return result
}
