package import Wire

/// What one operation asks of a chip.
package struct ChipWork: Sendable, Equatable {
    /// What the operation occupies while it runs.
    package enum Resource: UInt8, Sendable {
        case cube = 0
        case vector = 1
        /// A copy over the host link. It holds no core.
        case link = 2
        /// A copy or fill engine of the device: memory bandwidth only.
        case none = 3
    }
    package var resource: Resource
    /// Cores that it can use at most (see `ChipTiles`).
    package var tiles: Int
    /// The stream's limit when the operation was prepared; nil is the whole pool.
    package var coresMax: Int?
    /// Whether it starts only when all its cores are free (SCHEM_MODE 1). Otherwise it starts with
    /// at least one core and takes more as they become free. Either way it gives them back only at
    /// its end.
    package var startsWhole: Bool
    package var flops: Double
    package var hbmBytes: Double
    package var linkBytes: Double
    /// Cost on the device that depends on nothing, spent first.
    package var fixedNanoseconds: Double

    package init(
        resource: Resource, tiles: Int = .max, coresMax: Int? = nil, startsWhole: Bool = false,
        flops: Double = 0, hbmBytes: Double = 0, linkBytes: Double = 0, fixedNanoseconds: Double = 0
    ) {
        self.resource = resource
        self.tiles = tiles
        self.coresMax = coresMax
        self.startsWhole = startsWhole
        self.flops = flops
        self.hbmBytes = hbmBytes
        self.linkBytes = linkBytes
        self.fixedNanoseconds = fixedNanoseconds
    }

    /// An operation of a kind, on every core it can use.
    package init(
        _ kind: OperationKind, flops: Double, hbmBytes: Double, tiles: Int = .max,
        coresMax: Int? = nil
    ) {
        self.init(
            resource: kind.resource, tiles: tiles, coresMax: coresMax, flops: flops,
            hbmBytes: hbmBytes,
            fixedNanoseconds: Double(OperationCost.overheadNanoseconds(kind)))
    }

    /// Takes exactly so long and holds all cube cores meanwhile: work of known duration, as a device
    /// that does one operation after another would do it.
    package static func occupyingChip(nanoseconds: Nanoseconds) -> ChipWork {
        ChipWork(resource: .cube, startsWhole: true, fixedNanoseconds: Double(nanoseconds))
    }

    /// A copy within the device's memory (`crossings` 2: read and written) or a fill (1).
    package static func deviceCopy(bytes: UInt64, crossings: Double) -> ChipWork {
        ChipWork(
            resource: .none, hbmBytes: Double(bytes) * crossings,
            fixedNanoseconds: Double(OperationCost.overheadNanoseconds(.vector)))
    }

    /// A copy between host and device, either way: every byte crosses the link and the memory once.
    package static func hostCopy(bytes: UInt64) -> ChipWork {
        ChipWork(
            resource: .link, hbmBytes: Double(bytes), linkBytes: Double(bytes),
            fixedNanoseconds: Double(OperationCost.overheadNanoseconds(.vector)))
    }

    /// The same with amounts that arithmetic can bear: shapes come from programs.
    var bounded: ChipWork {
        var work = self
        work.flops = Self.bounded(flops)
        work.hbmBytes = Self.bounded(hbmBytes)
        work.linkBytes = Self.bounded(linkBytes)
        work.fixedNanoseconds = min(Self.bounded(fixedNanoseconds), ChipRates.longestNanoseconds)
        return work
    }

    /// At least 0 (also for what is no number), and finite.
    private static func bounded(_ amount: Double) -> Double {
        amount > 0 ? min(amount, 1e30) : 0
    }
}

extension OperationKind {
    /// What operations of the kind occupy. Attention holds cube cores only, though on hardware it
    /// uses vector cores as well; a collective is moved by copy engines (both inferred).
    package var resource: ChipWork.Resource {
        switch self {
        case .matrix, .attention: .cube
        case .vector: .vector
        case .communication: .none
        }
    }
}
