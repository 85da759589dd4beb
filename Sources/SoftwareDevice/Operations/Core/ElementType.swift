import Wire

/// The element types the software device computes with.
enum ElementType: UInt8, CaseIterable {
    case float32, float16, bfloat16, float64, int8, uint8, int16, int32, int64, bool

    /// From an aclDataType.
    init?(_ type: Int32) {
        switch type {
        case AclDataType.float32: self = .float32
        case AclDataType.float16: self = .float16
        case AclDataType.int8: self = .int8
        case AclDataType.int32: self = .int32
        case AclDataType.uint8: self = .uint8
        case AclDataType.int16: self = .int16
        case AclDataType.int64: self = .int64
        case AclDataType.float64: self = .float64
        case AclDataType.bool: self = .bool
        case AclDataType.bfloat16: self = .bfloat16
        default: return nil
        }
    }

    var bytes: Int {
        switch self {
        case .int8, .uint8, .bool: 1
        case .float16, .bfloat16, .int16: 2
        case .float32, .int32: 4
        case .float64, .int64: 8
        }
    }

    /// What the type is computed in.
    var arithmetic: Arithmetic {
        switch self {
        case .float32, .float16, .bfloat16: .single
        case .float64: .double
        case .int8, .uint8, .int16, .int32, .int64, .bool: .integer
        }
    }

    var isFloating: Bool { arithmetic != .integer }
}

/// The types operations compute in: everything narrower is widened on load and rounded once on
/// store, as PyTorch does.
enum Arithmetic: UInt8, Comparable {
    case integer, single, double

    static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// A set of element types: what a parameter accepts.
struct ElementTypes: OptionSet {
    var rawValue: UInt16

    static let floating = Self([.float32, .float16, .bfloat16])
    static let double = Self([.float64])
    static let integer = Self([.int8, .uint8, .int16, .int32, .int64])
    static let bool = Self([.bool])
    static let index = Self([.int32, .int64])
    static let all = Self(ElementType.allCases)

    init(rawValue: UInt16) { self.rawValue = rawValue }

    init(_ types: [ElementType]) {
        rawValue = types.reduce(0) { $0 | 1 << UInt16($1.rawValue) }
    }

    func contains(_ type: ElementType) -> Bool {
        rawValue & (1 << UInt16(type.rawValue)) != 0
    }
}
