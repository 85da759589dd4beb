import Foundation
import LinuxIO
package import Scheduling
import Synchronization
package import Wire

/// What a restarted daemon takes up again: the policy that was live, as it was then, and the options
/// that were set.
package final class StateFile: Sendable {
    package struct State: Codable, Sendable, Equatable {
        /// The live policy's file, or nil where it was a built-in one.
        package var policy: String?
        /// The name of the live built-in policy.
        package var builtIn: String?
        /// The live policy's text and that of the files it required. A file of an earlier version
        /// has none: then the policy is read from where it lies.
        package var source: String?
        package var modules: [String: String]?
        /// Options that were set to something else than their standard.
        package var options: [String: String] = [:]
        package var isWatched: Bool?
        package init() {}

        /// What is live, as a restart needs it.
        package init(_ status: PolicyStatus, _ text: PolicyText?) {
            if let text {
                policy = text.path
                source = text.source
                modules = text.modules
                isWatched = status.watched
            } else {
                builtIn = status.name
            }
            for option in status.options where option.value != option.standard {
                options[option.key] = option.value
            }
        }

        /// The live policy's text, where it is kept here.
        package var text: PolicyText? {
            guard let policy, let source else { return nil }
            return PolicyText(path: policy, source: source, modules: modules ?? [:])
        }
    }

    /// A policy with all that it may require, spelled in JSON, takes less.
    private static let limitBytes = 16 << 20

    private let path: String
    private let trouble: Mutex<String?>
    /// What was found at the start; nil: nothing, or nothing that can be used.
    package let found: State?

    /// Reads `folder`/state.json. A folder without one is a new beginning; so is one whose file
    /// cannot be used, which is set aside and told by `problem`.
    package init(folder: String) {
        path = "\(folder)/state.json"
        do {
            try makeFolder(folder)
            found = try Self.read(path)
            trouble = Mutex(nil)
        } catch {
            found = nil
            trouble = Mutex("\(error)" + Self.setAside(path))
        }
    }

    /// What is wrong with the file, for `status`; nil: nothing.
    package var problem: String? { trouble.withLock { $0 } }

    /// Replaces what is remembered. A state folder that cannot be written costs the memory of a
    /// restart, nothing else; `problem` says so.
    package func remember(_ state: State) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        do {
            try replaceFile(path, with: Array(encoder.encode(state)))
            trouble.withLock { $0 = nil }
        } catch {
            trouble.withLock { $0 = "\(error); a restart will not remember what is live" }
        }
    }

    private static func read(_ path: String) throws -> State? {
        do throws(FileRefusal) {
            let bytes = try readRegularFile(
                path, FileRules(limitBytes: limitBytes, isOwnOnly: true))
            guard let state = try? JSONDecoder().decode(State.self, from: Data(bytes)) else {
                throw FileRefusal(path, .damaged)
            }
            return state
        } catch {
            if error.reason == .absent { return nil }
            throw error
        }
    }

    /// Makes room for a new file, and keeps the old one for whoever wants to look.
    private static func setAside(_ path: String) -> String {
        let aside = "\(path).damaged"
        return (try? renameFile(path, to: aside)) == nil ? "" : "; set aside as \(aside)"
    }
}
