/// What an operation asks of its chip, as far as its neighbours feel it.
package struct ChipDemand: Equatable, Sendable {
    package var resource: ChipWork.Resource
    /// Share of its pool's cores that it takes.
    package var coreShare: Double
    /// Share of the memory's bandwidth that it draws when it runs alone.
    package var memoryShare: Double

    package init(
        resource: ChipWork.Resource = .none, coreShare: Double = 0, memoryShare: Double = 0
    ) {
        self.resource = resource
        self.coreShare = coreShare
        self.memoryShare = memoryShare
    }

    /// The demand of a work that has the cores it asks for.
    package init(of work: ChipWork, _ rates: ChipRates) {
        let alone = Double(max(1, rates.aloneNanoseconds(work)))
        self.init(
            resource: work.resource,
            coreShare: Double(rates.coresAsked(by: work))
                / Double(max(1, rates.poolCores(work.resource))),
            memoryShare: min(1, work.hbmBytes / alone / rates.hbmBytesPerNanosecond))
    }
}
