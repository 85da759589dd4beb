package import Scheduling
import Wire

/// What a new policy is opened with.
struct PolicySurroundings: Sendable {
    var clients: [ClientFacts]
    var devices: [DeviceID]
    var saved: SavedState?
}

/// Asks for that; `savesState`: the live policy is asked what it would hand on.
struct AskSurroundings: LoopMessage {
    var savesState: Bool
    func take(by core: DispatchCore) -> PolicySurroundings {
        PolicySurroundings(
            clients: core.sessions.filter { $0.mode == .route }.map(\.facts),
            devices: core.fleet.devices.map { DeviceID(rawValue: $0) },
            saved: savesState ? core.scheduler.host.live.save() : nil)
    }
}

/// Makes a policy live that was loaded beside the loop.
package struct MakeLive: LoopMessage {
    var policy: HandedPolicy
    var carriesOptions: Bool
    var isWatched: Bool

    package init(policy: HandedPolicy, carriesOptions: Bool = false, isWatched: Bool = false) {
        self.policy = policy
        self.carriesOptions = carriesOptions
        self.isWatched = isWatched
    }

    /// What is live now.
    package struct Live: Sendable {
        package var load: Int
        package var name: String
        package var version: Int
    }

    package func take(by core: DispatchCore) -> Result<Live, any Error> {
        Result {
            let policy = policy.value
            let load = try core.scheduler.host.exchange(
                to: policy, carryOptions: carriesOptions, watched: isWatched, now: core.chipNow)
            return Live(load: load, name: policy.name, version: policy.version)
        }
    }
}

/// A policy that one thread made and the loop takes over.
// The maker does not touch it again once it is handed over.
package struct HandedPolicy: @unchecked Sendable {
    let value: any Policy
    package init(value: any Policy) { self.value = value }
}

/// Makes one of the compiled-in policies live; answered the number of its load.
struct MakeBuiltInLive: LoopMessage {
    var name: String
    func take(by core: DispatchCore) -> Result<Int, any Error> {
        Result {
            guard let policy = BuiltInPolicy(rawValue: name)?.make() else {
                throw CommandError(
                    description: "there is no built-in policy \(name); there are "
                        + BuiltInPolicy.listed)
            }
            return try core.scheduler.host.exchange(to: policy, now: core.chipNow)
        }
    }
}

/// Sets an option of the live policy.
struct SetOption: LoopMessage {
    var key: String
    var value: String
    func take(by core: DispatchCore) -> Result<Void, any Error> {
        Result { try core.scheduler.host.setOption(key, to: value, now: core.chipNow) }
    }
}

/// Goes back to an earlier load, nil: the one before; answered what is live then.
struct RollBack: LoopMessage {
    var load: Int?
    func take(by core: DispatchCore) -> Result<PolicyStatus, any Error> {
        Result {
            _ = try core.scheduler.host.rollback(to: load, now: core.chipNow)
            return core.scheduler.host.liveStatus
        }
    }
}

/// All loads, or the live one alone.
struct AskPolicies: LoopMessage {
    var onlyLive = false
    func take(by core: DispatchCore) -> [PolicyStatus] {
        onlyLive ? [core.scheduler.host.liveStatus] : core.scheduler.host.statuses
    }
}
