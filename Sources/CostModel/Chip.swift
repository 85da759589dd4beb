/// An Ascend chip (for the 910C: one die of two), as far as a roofline needs to know it.
///
/// Figures are those of `facts/hardware.md`. Cube figures are checked by cores × 4096 multiply-adds
/// × 2 × clock: 24 × 8192 × 1.8 GHz = 353.9 T; 20 × 8192 × 1.8 GHz = 294.9 T; 20 × 8192 × 1.5 GHz =
/// 245.8 T.
package struct Chip: Sendable, Equatable {
    package var name: String
    package var cubeCores: Int
    package var vectorCores: Int
    /// Dense FP16 or BF16 on the cube cores, per second.
    package var cubeFlops: Double
    /// FP16 on the vector cores, per second.
    package var vectorFlops: Double
    package var memoryBytes: UInt64
    /// Bytes per second.
    package var memoryBandwidth: Double
    /// Bytes per second between host and device: PCIe, 64 GB/s (Ascend/msmodeling).
    package var linkBandwidth: Double

    package init(
        name: String, cubeCores: Int, vectorCores: Int, cubeFlops: Double, vectorFlops: Double,
        memoryBytes: UInt64, memoryBandwidth: Double, linkBandwidth: Double = 64e9
    ) {
        self.name = name
        self.cubeCores = cubeCores
        self.vectorCores = vectorCores
        self.cubeFlops = cubeFlops
        self.vectorFlops = vectorFlops
        self.memoryBytes = memoryBytes
        self.memoryBandwidth = memoryBandwidth
        self.linkBandwidth = linkBandwidth
    }

    /// "376T": gitcode.com/cann/ops-cv/issues/997 and Ascend/msmodeling.
    package static let ascend910B2 = Chip(
        name: "Ascend910B2", cubeCores: 24, vectorCores: 48, cubeFlops: 353.9e12,
        vectorFlops: 22.1e12, memoryBytes: 64 << 30, memoryBandwidth: 1.6e12)

    /// "313T": Ascend/msmodeling.
    package static let ascend910B3 = Chip(
        name: "Ascend910B3", cubeCores: 20, vectorCores: 40, cubeFlops: 294.9e12,
        vectorFlops: 18e12, memoryBytes: 64 << 30, memoryBandwidth: 1.6e12)

    /// "280T", the part with 64 GiB (the PCIe one has 32 GiB at 0.8 TB/s): Ascend/msmodeling.
    package static let ascend910B4 = Chip(
        name: "Ascend910B4", cubeCores: 20, vectorCores: 40, cubeFlops: 245.8e12,
        vectorFlops: 16e12, memoryBytes: 64 << 30, memoryBandwidth: 1.6e12)

    /// One die of a 910C ("752T" package): Ascend/msmodeling, `ATLAS_800_A3_752T_128G_DIE`.
    package static let ascend910CDie = Chip(
        name: "Ascend910C", cubeCores: 24, vectorCores: 48, cubeFlops: 353.9e12,
        vectorFlops: 22e12, memoryBytes: 64 << 30, memoryBandwidth: 1.6e12)

    package static let all = [ascend910B2, ascend910B3, ascend910B4, ascend910CDie]

    /// The chip that aclrtGetSocName names. A 910C's name starts with `Ascend910_93`, after the
    /// folder of its runtime's sources; that is inferred. Unknown names have no chip.
    package static func named(_ socName: String) -> Chip? {
        if socName.hasPrefix("Ascend910_93") { return ascend910CDie }
        return all.first { $0.name == socName }
    }
}
