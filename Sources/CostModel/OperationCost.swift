package import Wire

/// How long an operation takes alone on a whole chip: the same formulas as a `ChipTimeline`'s
/// (`ChipRates`), with nobody beside it.
///
/// The reached fractions of the peaks and the fixed costs are those of Ascend/msmodeling
/// (`facts/hardware.md`), whose authors mark them as to be confirmed. All types are taken at the
/// FP16 rate: no public rate for FP32 was found. So this is a first guess; `CostBook` corrects it by
/// what is observed.
package enum OperationCost {
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
        predict(ChipWork(kind, flops: Double(flops), hbmBytes: Double(bytes)), on: chip)
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
        predict(.deviceCopy(bytes: bytes, crossings: crossings), on: chip)
    }

    /// A copy between host and device.
    package static func predictHostCopy(bytes: UInt64, on chip: Chip) -> Nanoseconds {
        predict(.hostCopy(bytes: bytes), on: chip)
    }

    private static func predict(_ work: ChipWork, on chip: Chip) -> Nanoseconds {
        ChipRates(chip: chip).aloneNanoseconds(work)
    }
}
