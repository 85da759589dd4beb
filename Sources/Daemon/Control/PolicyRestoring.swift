import LinuxIO
import Logging
import Scheduling

/// The first policy of a daemon.
extension PolicyExchange {
    /// Makes the policy live that was asked for, or the one that the state folder remembers; with
    /// neither the built-in fair one decides. One that was asked for and does not load is an error;
    /// one that is only remembered must not keep a restarted daemon from serving.
    func begin(_ options: DaemonOptions) throws {
        if let problem = state?.problem {
            log.error(
                "the remembered policy cannot be had; the built-in fair one decides",
                metadata: ["why": "\(problem)"])
        }
        if let path = options.policyPath {
            let source = try PolicyFile.text(at: path)
            _ = try load(
                path: path, source: source, carryState: false, watch: options.watchPolicy)
        } else if let found = state?.found {
            do {
                try changing { try restore(found) }
            } catch {
                log.error(
                    "the remembered policy does not load; the built-in fair one decides",
                    metadata: [
                        "policy": "\(found.policy ?? found.builtIn ?? "?")", "why": "\(error)",
                    ])
            }
        }
        try rememberSuccessors()
    }

    /// Within `changing`: what is remembered stays as it is until all of it is live again.
    private func restore(_ found: StateFile.State) throws {
        if let wish = try wish(for: found) {
            _ = try makeLive(wish)
        } else if let name = found.builtIn {
            _ = try makeLive(builtIn: name)
        } else {
            return
        }
        for (key, value) in found.options.sorted(by: { $0.key < $1.key }) {
            do {
                try setOption(key, to: value)
            } catch {
                log.error(
                    "a remembered option is not set again",
                    metadata: ["option": "\(key)=\(value)", "why": "\(error)"])
            }
        }
    }

    private func wish(for found: StateFile.State) throws -> Wish? {
        let isWatched = found.isWatched ?? false
        if let text = found.text {
            return Wish(text: text, hasModules: true, isWatched: isWatched)
        }
        guard let path = found.policy else { return nil }
        return Wish(
            text: PolicyText(path: path, source: try PolicyFile.text(at: path)),
            isWatched: isWatched)
    }
}
