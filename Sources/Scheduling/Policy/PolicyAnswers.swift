import Wire

/// What a policy was asked and answered for a device, as far as it is to blame for who waits.
struct PolicyAnswers {
    /// The largest order (`ReadySet.order`) of what it chose.
    var newestChosen: UInt64 = 0
    private(set) var askedAt = Nanoseconds.min
    /// Since when it was asked again and again, without a gap that is too long.
    private(set) var attendedSince = Nanoseconds.max

    mutating func noteAsked(_ now: Nanoseconds, gapMax: Nanoseconds) {
        if askedAt == .min || now - askedAt > gapMax { attendedSince = now }
        askedAt = now
    }
}
