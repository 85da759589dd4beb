import Scheduling
package import Wire

/// What a program may hold, and how much of it does.
extension Session {
    /// Why the program gets no more device memory; nil: it does. What devices were asked for counts
    /// as if it were there.
    func refusal(ofDeviceBytes bytes: UInt64) -> CallRefusal? {
        let limit = UInt64(limits.deviceBytesPerSession)
        let held = memory.totalBytes + askedDeviceBytes
        guard held + bytes > limit else { return nil }
        return CallRefusal(
            AclStatus.outOfMemory,
            "this program holds \(held) bytes of device memory and asks for \(bytes) more; its limit "
                + "(memory) is \(limit)")
    }

    /// Why the program may not keep a plan in a slot; nil: it may.
    func refusal(ofPlan plan: Plan, in slot: Int) -> CallRefusal? {
        let freed = plans[UInt64(slot)]?.bytes ?? 0
        guard plans.bytes - freed + plan.bytes > limits.planBytesPerSession else { return nil }
        return CallRefusal(
            AclStatus.limitReached,
            "the plans of this program's operations take \(plans.bytes) bytes, and this one "
                + "\(plan.bytes) more; its limit (plan_memory) is \(limits.planBytesPerSession)")
    }

    /// Its limits, with what it holds of each.
    func limitUses() -> [LimitUse] {
        LimitName.allCases.filter(\.isOfClient).map { name in
            let limit = limits[keyPath: name.path]
            return LimitUse(
                name: name.rawValue, used: used(name), limit: limit == .max ? nil : UInt64(limit),
                isBytes: name.isBytes)
        }
    }

    private func used(_ name: LimitName) -> UInt64? {
        switch name {
        case .memory: memory.totalBytes + askedDeviceBytes
        case .hostMemory: UInt64(hostBlocks.totalBytes)
        case .planMemory: UInt64(plans.bytes)
        case .threads: UInt64(rings.count)
        case .streams: UInt64(objects.streams.count)
        case .events: UInt64(objects.events.count)
        case .contexts: UInt64(objects.contexts.count)
        case .queue: UInt64(queuedOperations)
        case .operationsPerSecond, .programs, .programsPerUser: nil
        }
    }
}

/// A client's limit is changed. Answered what to tell the user, or why it cannot be.
package struct SetLimit: LoopMessage {
    package var client: ClientID
    package var setting: LimitSetting

    package init(client: ClientID, setting: LimitSetting) {
        self.client = client
        self.setting = setting
    }

    package func take(by core: DispatchCore) -> Result<String, CommandError> {
        guard setting.name.isOfClient else {
            return .failure(
                CommandError(
                    description:
                        "\(setting.name.rawValue) is the daemon's, not a program's; set it "
                        + "with flexnpu daemon --limit"))
        }
        guard let session = core.sessions.first(where: { $0.id == client }) else {
            return .failure(
                CommandError(
                    description: "there is no client \(client.rawValue); flexnpu list names them"))
        }
        session.apply(setting, now: core.now)
        return .success(
            "client \(client.rawValue) (\(session.facts.name)): \(setting.name.rawValue) is "
                + (setting.value == .max ? "without limit" : "\(setting.value)"))
    }
}

extension DispatchCore {
    /// When the first program that waits for its rate may go on.
    var nextRateAt: Nanoseconds? {
        sessions.compactMap { session in
            guard session.limits.operationsPerSecond != .max, session.rings.hasRecords else {
                return nil
            }
            return session.rate.nextAt(now)
        }.min()
    }
}
