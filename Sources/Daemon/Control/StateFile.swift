import Foundation
import LinuxIO
import Synchronization

/// What a restarted daemon takes up again: the live policy's file and the options that were set.
final class StateFile: Sendable {
    struct State: Codable, Sendable {
        var policy: String?
        var options: [String: String] = [:]
    }

    private let path: String
    private let state: Mutex<State>

    /// Reads `folder`/state.json; a folder without one is a new beginning.
    init(folder: String) throws {
        try makeFolder(folder)
        path = "\(folder)/state.json"
        guard exists(path) else {
            state = Mutex(State())
            return
        }
        do {
            state = Mutex(try JSONDecoder().decode(State.self, from: Data(readFile(path))))
        } catch {
            throw CommandError(
                description: "\(path): cannot be read (\(error)); remove it to begin anew")
        }
    }

    var remembered: State { state.withLock { $0 } }

    func remember(policy: String) {
        change {
            if $0.policy != policy { $0.options = [:] }
            $0.policy = policy
        }
    }

    func remember(option: String, value: String) { change { $0.options[option] = value } }

    private func change(_ body: (inout State) -> Void) {
        let copy = state.withLock { state in
            body(&state)
            return state
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        // A state folder that cannot be written costs the memory of a restart, nothing else.
        if let data = try? encoder.encode(copy) { try? replaceFile(path, with: Array(data)) }
    }
}
