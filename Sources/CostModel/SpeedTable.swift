import Wire

/// `ChipRates` with the speeds on every number of cores worked out beforehand.
struct SpeedTable: Sendable {
    let rates: ChipRates
    /// By pool, on 0, 1, … cores.
    private let speeds: ContiguousArray<ContiguousArray<CoreSpeed>>
    private let withoutCores: CoreSpeed

    init(_ rates: ChipRates) {
        self.rates = rates
        speeds = ContiguousArray(
            [ChipWork.Resource.cube, .vector].map { resource in
                ContiguousArray(
                    (0...rates.poolCores(resource)).map { rates.speed(resource, cores: $0) })
            })
        withoutCores = rates.speed(.none, cores: 0)
    }

    /// The part of the work's time that depends on speeds, on so many cores without neighbours.
    func rooflineNanoseconds(of work: ChipWork, cores: Int) -> Double {
        rates.rooflineNanoseconds(of: work, at: speed(work.resource, cores: cores))
    }

    /// The work's whole time on so many cores without neighbours.
    func nanoseconds(of work: ChipWork, cores: Int) -> Nanoseconds {
        ChipRates.roundedUp(work.fixedNanoseconds)
            + ChipRates.roundedUp(rooflineNanoseconds(of: work, cores: cores))
    }

    private func speed(_ resource: ChipWork.Resource, cores: Int) -> CoreSpeed {
        let pool = Int(resource.rawValue)
        return pool < speeds.count ? speeds[pool][cores] : withoutCores
    }
}
