/// Which operations compute numbers: decided by what they are, never by how long something took, so
/// that the same program always computes the same.
package enum ComputeSetting: Sendable, Equatable {
    case all
    case none
    /// Those of at most so many floating-point operations.
    case upTo(flops: Double)

    /// From `all`, `none` or a number.
    package init?(_ text: String) {
        switch text {
        case "all": self = .all
        case "none": self = .none
        default:
            guard let flops = Double(text), flops >= 0, flops.isFinite else { return nil }
            self = .upTo(flops: flops)
        }
    }

    package func computes(flops: Double) -> Bool {
        switch self {
        case .all: true
        case .none: false
        case .upTo(let limit): flops <= limit
        }
    }

    package var text: String {
        switch self {
        case .all: "all"
        case .none: "none"
        case .upTo(let flops): "up to \(flops) flops"
        }
    }
}
