package import Scheduling
import Wire

/// What a new policy is opened with.
struct PolicySurroundings: Sendable {
    var clients: [ClientFacts]
    var devices: [DeviceID]
    var saved: SavedState?
    /// Why the live policy's state could not be had.
    var saveFailure: String?
}

/// Asks for that; `savesState`: the live policy is asked what it would hand on.
struct AskSurroundings: LoopMessage {
    var savesState: Bool
    func take(by core: DispatchCore) -> PolicySurroundings {
        var surroundings = PolicySurroundings(
            clients: core.routedClients,
            devices: core.fleet.devices.map { DeviceID(rawValue: $0) })
        guard savesState else { return surroundings }
        do throws(PolicyBreach) {
            surroundings.saved = try core.scheduler.host.saveLive(now: core.chipNow)
        } catch {
            surroundings.saveFailure = error.message
        }
        return surroundings
    }
}

extension DispatchCore {
    /// Whom policies schedule.
    fileprivate var routedClients: [ClientFacts] {
        sessions.filter { $0.mode == .route }.map(\.facts)
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

/// Asks for an earlier load, nil: the one before, and for what its policy can be made from anew.
struct AskRollback: LoopMessage {
    var load: Int?

    struct Target: Sendable {
        var load: Int
        /// Nil: the policy that was live then can be told of everything again.
        var recipe: (any PolicyRecipe)?
        var clients: [ClientFacts]
    }

    func take(by core: DispatchCore) -> Result<Target, any Error> {
        Result {
            let (number, recipe) = try core.scheduler.host.rollbackTarget(load)
            return Target(load: number, recipe: recipe, clients: core.routedClients)
        }
    }
}

/// Goes back to an earlier load, whose policy was made anew beside the loop; answered what is live
/// then.
struct RollBack: LoopMessage {
    var load: Int
    var policy: HandedPolicy?
    func take(by core: DispatchCore) -> Result<PolicyStatus, any Error> {
        Result {
            _ = try core.scheduler.host.rollback(
                to: load, with: policy?.value, now: core.chipNow)
            return core.scheduler.host.liveStatus
        }
    }
}

/// What is live, as a restart needs it.
struct AskLive: LoopMessage {
    func take(by core: DispatchCore) -> StateFile.State {
        StateFile.State(core.scheduler.host.liveStatus, core.scheduler.host.live.text)
    }
}

/// From now on `body` is called whenever a policy was put in quarantine. On the loop: it must not
/// wait for anything.
struct WatchQuarantines: LoopMessage {
    var body: @Sendable () -> Void
    func take(by core: DispatchCore) { core.onQuarantine = body }
}

/// All loads, or the live one alone.
struct AskPolicies: LoopMessage {
    var onlyLive = false
    func take(by core: DispatchCore) -> [PolicyStatus] {
        onlyLive ? [core.scheduler.host.liveStatus] : core.scheduler.host.statuses
    }
}
