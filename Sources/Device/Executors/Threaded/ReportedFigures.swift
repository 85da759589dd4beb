import Synchronization

/// An executor's counts, on their way from its thread to the loop.
final class ReportedFigures: Sendable {
    private let latest = Mutex(ExecutorFigures())

    var value: ExecutorFigures { latest.withLock { $0 } }

    func report(_ figures: ExecutorFigures) { latest.withLock { $0 = figures } }
}
