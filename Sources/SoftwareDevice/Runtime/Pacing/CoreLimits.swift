import CostModel

/// How many cores of each pool operations may take; nil leaves it to who else sets a limit.
struct CoreLimits {
    var cube: UInt32?
    var vector: UInt32?

    /// An aclrtDevResLimitType.
    enum Pool: Int32 {
        case cube = 0
        case vector = 1
    }

    subscript(pool: Pool) -> UInt32? {
        get {
            switch pool {
            case .cube: cube
            case .vector: vector
            }
        }
        set {
            switch pool {
            case .cube: cube = newValue
            case .vector: vector = newValue
            }
        }
    }

    /// What `other` says where this says nothing.
    func falling(backTo other: CoreLimits) -> CoreLimits {
        CoreLimits(cube: cube ?? other.cube, vector: vector ?? other.vector)
    }

    func limit(of resource: ChipWork.Resource) -> Int? {
        switch resource {
        case .cube: cube.map(Int.init)
        case .vector: vector.map(Int.init)
        case .link, .none: nil
        }
    }
}
