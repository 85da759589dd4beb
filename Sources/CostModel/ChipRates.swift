package import Wire

/// How fast a chip computes and moves on so many cores: the formulas of the model, in one place.
///
/// On k cores of a pool of K: compute speed `P · (k/K)^a · efficiency`, bandwidth that the cores can
/// draw `B · min(1, k/(s·K))` with `B = bandwidth × efficiency`. An operation takes its fixed part
/// and then the longest of computing, moving and crossing the link.
package struct ChipRates: Sendable, Equatable {
    package let chip: Chip
    package let settings: ChipSettings
    /// HBM bandwidth that is reached, in bytes per nanosecond.
    package let hbmBytesPerNanosecond: Double
    /// Host link bandwidth that is reached, in bytes per nanosecond. One link: both directions
    /// share it, since it is not known whether they hinder each other.
    package let linkBytesPerNanosecond: Double

    /// Beyond a day nothing is predicted: a hostile shape must not overflow.
    package static let longestNanoseconds = 86_400e9

    package init(chip: Chip, settings: ChipSettings = .init()) {
        self.chip = chip
        self.settings = settings
        hbmBytesPerNanosecond = chip.memoryBandwidth * settings.memoryEfficiency / 1e9
        linkBytesPerNanosecond = chip.linkBandwidth * settings.linkEfficiency / 1e9
    }

    /// Cores of the pool that the resource stands for; 0 where it holds none.
    package func poolCores(_ resource: ChipWork.Resource) -> Int {
        switch resource {
        case .cube: chip.cubeCores
        case .vector: chip.vectorCores
        case .link, .none: 0
        }
    }

    /// Cores that the work takes when nobody hinders it: the least of pool, limit and tiles.
    package func coresAsked(by work: ChipWork) -> Int {
        let pool = poolCores(work.resource)
        return min(pool, max(1, min(work.coresMax ?? pool, work.tiles)))
    }

    /// Speeds on so many cores of the resource's pool. What holds no cores computes nothing and can
    /// draw all of the bandwidth.
    package func speed(_ resource: ChipWork.Resource, cores: Int) -> CoreSpeed {
        let pool = poolCores(resource)
        guard pool > 0 else {
            return CoreSpeed(
                flopsPerNanosecond: .infinity, hbmBytesPerNanosecond: hbmBytesPerNanosecond)
        }
        let peak = resource == .cube ? chip.cubeFlops : chip.vectorFlops
        let share = Double(cores) / Double(pool)
        let scale = Self.power(share, settings.computeExponent)
        let drawable = min(1, Double(cores) / (settings.saturatingShare * Double(pool)))
        return CoreSpeed(
            flopsPerNanosecond: peak * settings.computeEfficiency * scale / 1e9,
            hbmBytesPerNanosecond: hbmBytesPerNanosecond * drawable)
    }

    /// The part of the time that depends on speeds, without neighbours.
    package func rooflineNanoseconds(of work: ChipWork, at speed: CoreSpeed) -> Double {
        let computing = work.flops / speed.flopsPerNanosecond
        let moving = work.hbmBytes / speed.hbmBytesPerNanosecond
        let crossing = work.linkBytes > 0 ? work.linkBytes / linkBytesPerNanosecond : 0
        return min(max(computing, moving, crossing), Self.longestNanoseconds)
    }

    /// The whole time on all the cores that the work asks for, without neighbours. Each part is
    /// rounded up, as `ChipTimeline` does: its completions are never early.
    package func aloneNanoseconds(_ work: ChipWork) -> Nanoseconds {
        let work = work.bounded
        let speed = speed(work.resource, cores: coresAsked(by: work))
        return Self.roundedUp(work.fixedNanoseconds)
            + Self.roundedUp(rooflineNanoseconds(of: work, at: speed))
    }

    /// Not the standard library's, which calls a C library.
    static func roundedUp(_ nanoseconds: Double) -> Nanoseconds {
        let whole = Nanoseconds(nanoseconds)
        return Double(whole) < nanoseconds ? whole + 1 : whole
    }

    /// `base` to the power of `exponent`, for a base of at most 1 and an exponent of at least 0.
    ///
    /// By square roots for the exponent's binary fraction, and those by plain arithmetic: it is
    /// rounded the same way on every machine, which a C library's power is not.
    static func power(_ base: Double, _ exponent: Double) -> Double {
        if exponent == 1 { return base }
        var result = 1.0
        var fraction = exponent
        while fraction >= 1 {
            result *= base
            fraction -= 1
        }
        var root = base
        for _ in 0..<52 where fraction > 0 {
            root = squareRoot(root)
            fraction *= 2
            if fraction >= 1 {
                result *= root
                fraction -= 1
            }
        }
        return result
    }

    /// Newton's iteration from above, until it does not fall any more.
    private static func squareRoot(_ value: Double) -> Double {
        guard value > 0 else { return 0 }
        var root = max(1, value)
        while true {
            let next = (root + value / root) / 2
            if next >= root { return root }
            root = next
        }
    }
}

/// Speeds of an operation on the cores that it holds.
package struct CoreSpeed: Sendable, Equatable {
    package var flopsPerNanosecond: Double
    /// HBM bandwidth that the cores can draw.
    package var hbmBytesPerNanosecond: Double
}
