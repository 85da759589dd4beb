package import Wire

/// Policies come, go, and come back.
extension PolicyHost {
    /// The loads with their counters, in order: `policy list`.
    package var statuses: [PolicyStatus] {
        settleDecisions()
        loads.takeLogs()
        return loads.all.map(\.status)
    }

    package var liveStatus: PolicyStatus {
        settleDecisions()
        loads[liveLoad].takeLog()
        return loads[liveLoad].status
    }

    /// The number the next load will get.
    package var nextLoad: Int { loads.next }

    /// What happened since this was last called, in order.
    package func takeReports() -> [PolicyReport] {
        // Asked in every pass, and nearly always for nothing.
        guard !reports.isEmpty else { return [] }
        defer { reports.removeAll() }
        return reports
    }

    /// Makes `policy` live, between two decisions: it is told of every client, then of everything
    /// ready. Where it fails in that, the policy before stays as it was.
    ///
    /// - Returns: the number of the load.
    @discardableResult
    package func exchange(
        to policy: any Policy, carryOptions: Bool = false, watched: Bool = false, now: Nanoseconds
    ) throws(PolicyExchangeError) -> Int {
        if carryOptions {
            for option in live.options where option.value != option.standard {
                // One that the new policy does not have, or bounds otherwise, keeps the new
                // standard.
                try? policy.set(option.key, to: option.value)
            }
        }
        try adopt(policy, now: now)
        let load = PolicyLoad(number: loads.next, policy: policy, watched: watched)
        retireLive(as: .replaced, now: now)
        loads.append(load)
        install(load.number, policy)
        releaseOldPolicies()
        report(
            carryOptions ? .swapped : .loaded, now: now,
            "\(load.origin), version \(load.version)")
        return load.number
    }

    /// Makes an earlier load live again: the one that was live before, or the one named. `fresh` is
    /// its policy where that was made anew beside the loop (`rollbackTarget`).
    @discardableResult
    package func rollback(
        to load: Int? = nil, with fresh: (any Policy)? = nil, now: Nanoseconds
    ) throws(PolicyExchangeError) -> Int {
        let from = liveLoad
        let (target, kept) = try keptPolicy(load)
        let policy = fresh ?? remake(kept, now: now)
        try adopt(policy, now: now)
        retireLive(as: .replaced, now: now)
        // What came after the target is out of the line: it is not where a quarantine should go
        // back to.
        if let position = lineage.lastIndex(of: target) { lineage.removeSubrange(position...) }
        install(target, policy)
        report(.rolledBack(from: from), now: now, "from load \(from) to load \(target)")
        return target
    }

    /// What `rollback` would make live, and how to make that anew: nil where the policy itself can
    /// be told of everything again.
    package func rollbackTarget(
        _ load: Int?
    ) throws(PolicyExchangeError) -> (load: Int, recipe: (any PolicyRecipe)?) {
        let (target, kept) = try keptPolicy(load)
        return (target, kept.recipe())
    }

    private func keptPolicy(
        _ load: Int?
    ) throws(PolicyExchangeError) -> (load: Int, policy: any Policy) {
        guard let target = load ?? lineage.dropLast().last else {
            throw PolicyExchangeError("there is no earlier load to go back to")
        }
        guard loads.contains(target) else {
            throw PolicyExchangeError("there is no load \(target); `policy list` shows them")
        }
        guard target != liveLoad else { throw PolicyExchangeError("load \(target) is live") }
        guard let kept = loads[target].policy else {
            throw PolicyExchangeError(
                "load \(target) is no longer kept (only \(limits.policiesKept) are); load its file again"
            )
        }
        return (target, kept)
    }

    /// A fresh instance of a policy that was live, or itself.
    private func remake(_ kept: any Policy, now: Nanoseconds) -> any Policy {
        guard let recipe = kept.recipe() else { return kept }
        return (try? recipe.makePolicy(clients: Array(clients), now: now)) ?? kept
    }

    /// Sets an option of the live policy.
    package func setOption(_ key: String, to value: String, now: Nanoseconds) throws {
        try live.set(key, to: value)
        report(.option(key: key, value: value), now: now, "\(key)=\(value)")
    }

    /// What the live policy hands to the one after it; nil where it has nothing. That it failed to
    /// say counts as a breach.
    package func saveLive(now: Nanoseconds) throws(PolicyBreach) -> SavedState? {
        do {
            return try live.save()
        } catch {
            note(error, now: now)
            throw error
        }
    }

    // MARK: Breaches

    /// Counts a breach of the live policy, and puts it in quarantine when there were too many.
    func note(_ breach: PolicyBreach, now: Nanoseconds) {
        loads[liveLoad].breaches += 1
        loads[liveLoad].lastBreach = "\(breach.kind.rawValue): \(breach.message)"
        report(.breach(breach), now: now, "\(breach.kind.rawValue): \(breach.message)")
        breachTimes.append(now)
        breachTimes.removeAll { $0 <= now - limits.breachWindowNanoseconds }
        if breachTimes.count >= limits.breachesMax {
            let window = limits.breachWindowNanoseconds / 1_000_000
            quarantine(breach, "\(breachTimes.count) breaches within \(window) ms", now: now)
        } else if breach.kind == .hold, isStuck(now) {
            quarantine(breach, "it holds everything and chooses nothing", now: now)
        }
    }

    /// A hold passed its limit: whether the policy let nothing go by itself since the last that did.
    private func isStuck(_ now: Nanoseconds) -> Bool {
        let row = holdsInARow.add(
            at: now, hasChosen: desk.hasChosen, limit: limits.holdNanosecondsMax)
        desk.hasChosen = false
        return row >= limits.holdsInARowMax
    }

    private func quarantine(_ breach: PolicyBreach, _ reason: String, now: Nanoseconds) {
        let bad = liveLoad
        let name = loads[bad].name
        let decisions = desk.log.records
        retireLive(as: .quarantined, now: now)
        let successor = installLastGood(now: now)
        let whole = QuarantineReport(
            load: bad, name: name, breach: breach, reason: reason, decisions: decisions,
            ready: desk.ready.all, successor: successor)
        append(
            PolicyReport(
                time: now, load: bad, name: name, what: .quarantined(whole),
                detail: "\(reason), the last: \(breach.message); load \(successor) is live"))
    }

    /// Goes back along the lineage to a policy that takes over without a breach; the built-in fair
    /// one always does.
    private func installLastGood(now: Nanoseconds) -> Int {
        while let number = lineage.popLast() {
            guard let kept = loads[number].policy else { continue }
            let policy = remake(kept, now: now)
            if (try? adopt(policy, now: now)) != nil {
                install(number, policy)
                return number
            }
        }
        let fair = FairPolicy()
        _ = try? adopt(fair, now: now)
        let load = PolicyLoad(number: loads.next, policy: fair, watched: false)
        loads.append(load)
        install(load.number, fair)
        return load.number
    }

    // MARK: Steps of an exchange

    /// Tells `policy` of all there is. Nothing of the host changes.
    private func adopt(_ policy: any Policy, now: Nanoseconds) throws(PolicyExchangeError) {
        for client in clients {
            if let breach = policy.attach(client, now: now) {
                throw PolicyExchangeError(
                    "\(policy.name) failed when it was told of client \(client.id.rawValue)"
                        + " (\(client.name)): \(breach.message)")
            }
        }
        for facts in desk.ready.all {
            if let breach = policy.ready(facts, now: now) {
                throw PolicyExchangeError(
                    "\(policy.name) failed when it was told of what is ready: \(breach.message)")
            }
        }
    }

    /// The live load ends. A good one is emptied, so that it can be told of everything again later.
    private func retireLive(as state: PolicyStatus.State, now: Nanoseconds) {
        settleDecisions()
        loads[liveLoad].state = state
        if state == .quarantined {
            lineage.removeAll { $0 == liveLoad }
            return
        }
        loads[liveLoad].watched = false
        for facts in desk.ready.all { live.forget(facts.id) }
        for client in clients { _ = live.detach(client.id, now: now) }
    }

    private func install(_ number: Int, _ policy: any Policy) {
        desk.install(policy, load: UInt32(truncatingIfNeeded: number))
        loads[number].policy = policy
        loads[number].state = .live
        lineage.append(number)
        breachTimes.removeAll()
        holdsInARow = HoldsInARow()
    }

    private func releaseOldPolicies() {
        loads.forgetOld(
            keeping: limits.policiesKept, listing: limits.loadsListed, live: liveLoad)
        lineage.removeAll { !loads.contains($0) || loads[$0].policy == nil }
    }

    private func settleDecisions() {
        loads[liveLoad].decisions += desk.decisions
        desk.decisions = 0
    }

    func report(_ what: PolicyReport.What, now: Nanoseconds, _ detail: String) {
        append(
            PolicyReport(
                time: now, load: liveLoad, name: loads[liveLoad].name, what: what,
                detail: detail))
    }

    private func append(_ report: PolicyReport) {
        if reports.count < Self.reportsMax { reports.append(report) }
    }
}
