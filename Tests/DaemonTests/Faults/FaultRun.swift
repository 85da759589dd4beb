/// A run of steps from a seed, and the shortest that still goes wrong.
struct FaultRun {
    let seed: UInt64
    let setting: FaultWorld.Setting

    struct Failure: CustomStringConvertible {
        var steps: [FaultStep]
        var problems: [String]

        var description: String {
            problems.joined(separator: "; ") + "\n  "
                + steps.map(\.description).joined(separator: "\n  ")
        }
    }

    /// What goes wrong first, and the steps that lead there; nil: nothing does.
    func failure(of steps: [FaultStep]) throws -> Failure? {
        let world = try FaultWorld(seed: seed, setting)
        for (index, step) in steps.enumerated() {
            try world.carryOut(step)
            let problems = world.takeProblems()
            if !problems.isEmpty {
                return Failure(steps: Array(steps[...index]), problems: problems)
            }
        }
        try world.end()
        let problems = world.takeProblems()
        return problems.isEmpty ? nil : Failure(steps: steps, problems: problems)
    }

    /// Leaves out what is not needed for it to go wrong, larger pieces first.
    func shrink(_ failure: Failure) throws -> Failure {
        var least = failure
        var piece = max(1, least.steps.count / 2)
        while true {
            var start = 0
            var hasShrunk = false
            while start < least.steps.count {
                var fewer = least.steps
                fewer.removeSubrange(start..<min(start + piece, fewer.count))
                if let still = try self.failure(of: fewer) {
                    least = still
                    hasShrunk = true
                } else {
                    start += piece
                }
            }
            if piece == 1, !hasShrunk { return least }
            piece = max(1, piece / 2)
        }
    }
}
