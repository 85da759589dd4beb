import Wire

/// What the first entry of a stream's queue is doing, and how far it is.
struct ChipHead: Sendable {
    enum Stage: Sendable {
        /// The queue is empty.
        case idle
        case wantsCores
        case wantsRecord
        /// In the part of its time that depends on nothing.
        case fixed
        /// In the part that depends on cores and bandwidth.
        case roofline
    }
    var stage = Stage.idle
    /// What it does; for a record or a wait, a fixed cost alone.
    var work = ChipWork(resource: .none)
    var coresAsked = 0
    var coresHeld = 0
    var startedAt: Nanoseconds = 0
    /// When the stage ends at the present speed.
    var endsAt: Nanoseconds = .max
    /// How long the whole roofline part takes with the cores held, alone; and what it draws then.
    private(set) var unhinderedNanoseconds = 0.0
    private(set) var demand = 0.0
    private(set) var coreNanoseconds = 0.0

    /// How long the whole roofline part takes at the present speed, how much of it was left when
    /// that speed was set, and when that was.
    private var wholeNanoseconds = 0.0
    private var shareLeft = 1.0
    private var speedSince: Nanoseconds = 0
    private var coresSince: Nanoseconds = 0

    var isRunning: Bool { stage == .fixed || stage == .roofline }
    var hasRoofline: Bool { work.flops > 0 || work.hbmBytes > 0 || work.linkBytes > 0 }

    mutating func start(at now: Nanoseconds) {
        stage = .fixed
        startedAt = now
        endsAt = now + ChipRates.roundedUp(work.fixedNanoseconds)
        coreNanoseconds = 0
        coresSince = now
    }

    mutating func beginRoofline(at now: Nanoseconds) {
        stage = .roofline
        shareLeft = 1
        wholeNanoseconds = 0
        speedSince = now
    }

    mutating func addCores(_ count: Int, at now: Nanoseconds) {
        accountCores(to: now)
        coresHeld += count
    }

    /// Counts the core time up to `now`; at the end, all of it.
    mutating func accountCores(to now: Nanoseconds) {
        coreNanoseconds += Double(coresHeld) * Double(now - coresSince)
        coresSince = now
    }

    /// Sets what it could do alone: with the cores held, and its part of the link.
    mutating func setUnhindered(_ nanoseconds: Double) {
        unhinderedNanoseconds = nanoseconds
        demand = nanoseconds > 0 ? work.hbmBytes / nanoseconds : 0
    }

    /// From now on nobody draws more bandwidth than `level`. The end is projected anew only where
    /// the speed changes, so that it does not matter how often somebody looks.
    mutating func setSpeed(level: Double, at now: Nanoseconds) {
        let whole =
            demand > level
            ? min(work.hbmBytes / level, ChipRates.longestNanoseconds) : unhinderedNanoseconds
        guard whole != wholeNanoseconds else { return }
        shareLeft = shareLeft(at: now)
        speedSince = now
        wholeNanoseconds = whole
        endsAt = now + ChipRates.roundedUp(shareLeft * whole)
    }

    /// The share of the roofline part that is left.
    func shareLeft(at now: Nanoseconds) -> Double {
        guard now > speedSince, wholeNanoseconds > 0 else { return shareLeft }
        return max(0, shareLeft - Double(now - speedSince) / wholeNanoseconds)
    }

    /// What it would draw now if nobody hindered it.
    var presentDemand: Double { stage == .roofline ? demand : 0 }
    var crossesLink: Bool { stage == .roofline && work.linkBytes > 0 }

    /// The bandwidth that it draws now, in bytes per nanosecond.
    var drawnBytesPerNanosecond: Double {
        stage == .roofline && wholeNanoseconds > 0 ? work.hbmBytes / wholeNanoseconds : 0
    }
}
