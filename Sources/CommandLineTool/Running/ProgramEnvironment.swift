package import ArgumentParser

/// How a program meets the device.
package enum LaunchMode: String, EnumerableFlag, Sendable {
    case route, observe, direct

    package static func help(for value: LaunchMode) -> ArgumentHelp? {
        switch value {
        case .route: "The daemon does its work, as the policy decides."
        case .observe: "It does its own work; the daemon sees every call."
        case .direct: "It does its own work on the device library; no daemon."
        }
    }
}

/// The environment that a program is started with.
package struct ProgramEnvironment {
    package var mode: LaunchMode
    /// First on LD_LIBRARY_PATH: links to the device library, or to the interposer fitted to it.
    package var libraryFolder: String
    /// libflexnpu.so, for observing.
    package var interposer: String?
    package var socket: String?
    /// Where libflexnpu.so counts what it refuses.
    package var tally: String?
    package var labels: [(key: String, value: String)]
    /// Where our folders of links are: entries of an outer `flexnpu run` are dropped.
    package var cacheFolder: String

    package init(
        mode: LaunchMode, libraryFolder: String, interposer: String? = nil, socket: String? = nil,
        tally: String? = nil, labels: [(key: String, value: String)] = [], cacheFolder: String
    ) {
        self.mode = mode
        self.libraryFolder = libraryFolder
        self.interposer = interposer
        self.socket = socket
        self.tally = tally
        self.labels = labels
        self.cacheFolder = cacheFolder
    }

    /// The variables that only one of our runs gives to its program.
    private static let own = [
        "FLEXNPU_MODE", "FLEXNPU_SOCKET", "FLEXNPU_LABELS", "FLEXNPU_TALLY",
    ]

    /// `outer` with what this program needs.
    package func applied(to outer: [String: String]) -> [String: String] {
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
        result["FLEXNPU_TALLY"] = tally
        if !labels.isEmpty {
            result["FLEXNPU_LABELS"] = labels.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
        }
        return result
    }

    private static func entries(_ list: String?, separators: String) -> [String] {
        (list ?? "").split { separators.contains($0) }.map(String.init)
    }
}

/// The environment of a daemon that `flexnpu run` starts: nothing in it may lead to the interposer,
/// which a daemon must never load.
package func daemonEnvironment(
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
