package import Wire

/// How long an operation takes on a chip, by a roofline: the longer of computing and moving, each
/// at a fraction of the peak, plus a fixed cost on the device.
///
/// The fractions and fixed costs are those of Ascend/msmodeling (`facts/hardware.md`), whose
/// authors mark them as to be confirmed. All types are taken at the FP16 rate: no public rate for
/// FP32 was found. So this is a first guess; `CostBook` corrects it by what is observed.
package enum OperationCost {
    package static let computeEfficiency = 0.7
    package static let memoryEfficiency = 0.6

    /// Device-side cost of any operation of the kind.
    package static func overheadNanoseconds(_ kind: OperationKind) -> Nanoseconds {
        switch kind {
        case .matrix, .attention: 5_000
        case .vector: 2_000
        case .communication: 10_000
        }
    }

    package static func predict(
        _ kind: OperationKind, flops: UInt64, bytes: UInt64, on chip: Chip
    ) -> Nanoseconds {
        let peak = kind == .vector ? chip.vectorFlops : chip.cubeFlops
        let computing = Double(flops) / (peak * computeEfficiency)
        let moving = Double(bytes) / (chip.memoryBandwidth * memoryEfficiency)
        let seconds = max(computing, moving)
        // Beyond a day nothing is predicted; a hostile shape must not overflow.
        return overheadNanoseconds(kind) + Nanoseconds(min(seconds * 1e9, 86_400e9))
    }

    package static func predict(
        function: String, flops: UInt64, bytes: UInt64, on chip: Chip
    ) -> Nanoseconds {
        predict(OperationKind(function: function), flops: flops, bytes: bytes, on: chip)
    }

    /// A copy or fill of so many bytes, within the device's memory (`crossings` 2: read and
    /// written) or filled (1).
    package static func predictTransfer(bytes: UInt64, crossings: Double, on chip: Chip)
        -> Nanoseconds
    {
        let seconds = Double(bytes) * crossings / (chip.memoryBandwidth * memoryEfficiency)
        return overheadNanoseconds(.vector) + Nanoseconds(min(seconds * 1e9, 86_400e9))
    }

    /// A copy between host and device: PCIe at 64 GB/s and 0.7 of it (`facts/hardware.md`,
    /// Interconnect).
    package static func predictHostCopy(bytes: UInt64) -> Nanoseconds {
        let seconds = Double(bytes) / (64e9 * 0.7)
        return overheadNanoseconds(.vector) + Nanoseconds(min(seconds * 1e9, 86_400e9))
    }

    /// The time on fewer cores, from `facts/hardware.md`: 100 µs on 24 cores is 150 µs on 12.
    package static func scaled(
        _ nanoseconds: Nanoseconds, cores: Int, of whole: Int
    ) -> Nanoseconds {
        guard cores > 0, cores < whole else { return nanoseconds }
        // 1.5 for each halving; between two halvings, linear.
        var factor = 1.0
        var share = Double(cores) / Double(whole)
        while share <= 0.5 {
            factor *= 1.5
            share *= 2
        }
        factor *= 1 + 0.5 * (1 - share) * 2
        return Nanoseconds(Double(nanoseconds) * factor)
    }
}
