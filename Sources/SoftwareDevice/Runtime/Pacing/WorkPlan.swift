import CostModel

/// What phase one finds out about an operation besides that its arguments are right.
extension Platform {
    /// Whether phase one has to look at what operations ask of a chip.
    private var needsWork: Bool { settings.isPaced || settings.compute != .all }

    func planWork(of executor: Executor) {
        guard needsWork else { return }
        let limits = lock.withLock {
            ThreadState.current.context.map { coreLimitsOfThread(on: $0.device) } ?? CoreLimits()
        }
        var work = works.work(of: executor.operation, executor.arguments)
        work.coresMax = limits.limit(of: work.resource)
        let computes =
            !executor.operation.isTimingOnly && settings.compute.computes(flops: work.flops)
        executor.plan(work, computes: computes)
    }
}
