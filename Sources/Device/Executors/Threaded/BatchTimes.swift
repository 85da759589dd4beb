package import Wire

/// Divides the time between two events among the operations between them, by their predicted
/// shares where only the batch's end is known.
///
/// An operation starts when its predecessor ends, but not before it was submitted.
package struct BatchTimes {
    private let begin: Nanoseconds
    private let span: Double
    private let predictedTotal: Double
    private var predictedSoFar = 0.0
    private(set) var lastEnd: Nanoseconds
    private let end: Nanoseconds

    /// `begin` is when the first could start: its predecessor's end or its submission, whichever is
    /// later; `predictedTotal` the sum over the batch.
    package init(begin: Nanoseconds, end: Nanoseconds, predictedTotal: Nanoseconds) {
        self.begin = begin
        self.end = max(begin, end)
        span = Double(max(0, end - begin))
        self.predictedTotal = Double(max(1, predictedTotal))
        lastEnd = begin
    }

    /// The next operation's start and end. `doneAt`: when it was over, where that is known.
    package mutating func next(
        submittedAt: Nanoseconds, predicted: Nanoseconds, doneAt: Nanoseconds? = nil, isLast: Bool
    ) -> (start: Nanoseconds, end: Nanoseconds) {
        predictedSoFar += Double(predicted)
        let share = Int64(span * min(1, predictedSoFar / predictedTotal))
        let start = min(end, max(lastEnd, submittedAt))
        let known = doneAt ?? (isLast ? end : begin + share)
        lastEnd = max(start, min(end, known))
        return (start, lastEnd)
    }
}

/// When a stream is looked at again while its next event is not reached.
package enum LookSchedule {
    package static let shortest: Nanoseconds = 10_000
    package static let longest: Nanoseconds = 1_000_000

    /// Half of what is left of the prediction, since predictions may be far too long; an eighth of
    /// what it is overdue by, so that a wrong one costs looks by its logarithm.
    package static func nextLook(now: Nanoseconds, predictedEnd: Nanoseconds) -> Nanoseconds {
        let left = predictedEnd - now
        let wait = left > 0 ? left / 2 : -left / 8
        return now + min(longest, max(shortest, wait))
    }
}
