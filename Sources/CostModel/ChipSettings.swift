/// A chip's settings that are not of the silicon. All are above 0, but the costs of records and
/// waits and the exponent, which may be 0.
package struct ChipSettings: Sendable, Equatable {
    /// s: the share of a pool's cores that saturates the memory. One core draws at most
    /// bandwidth ÷ (s × cores). An assumption of the serving model, to be swept (0.3 … 0.7).
    package var saturatingShare = 0.5
    /// a: compute speed goes with (cores ÷ all cores)^a. 1: two halves are never more than a chip.
    package var computeExponent = 1.0
    /// Reached share of peak flops, HBM and link bandwidth: Ascend/msmodeling, whose authors mark
    /// them as to be confirmed.
    package var computeEfficiency = 0.7
    package var memoryEfficiency = 0.6
    package var linkEfficiency = 0.7
    /// Time that an event record takes in its stream.
    ///
    /// No figure was found. The default is the fixed cost of the cheapest task that has a published
    /// one (a vector operation, Ascend/msmodeling): an upper bound, since a record starts no kernel.
    package var recordNanoseconds = 2_000.0
    /// Time that a wait takes in its stream once its record is reached; same source as a record's.
    package var waitNanoseconds = 2_000.0

    package init() {}
}
