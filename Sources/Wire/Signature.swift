/// The plan of an aclnn operation: its arguments without what travels with each launch, as
/// `fx_item` encodes them.
///
/// What travels are the *values*: every tensor's address and view offset, and those scalars and
/// numbers whose item says so (`null` is 2). Their places in `items` hold zeros.
package struct Signature: Sendable, Equatable {
    package var items: [SignatureItem]
    /// Where the values go, in the order in which they travel.
    package let fields: [ValueField]

    /// Only tensors travel with the launch.
    package init(items: [SignatureItem]) { self.init(items: items, travelling: []) }

    /// `travelling` are the items other than tensors, as places in `fields` name them, that travel
    /// with the launch.
    init(items: [SignatureItem], travelling: Set<ValuePlace>) {
        self.items = items
        fields = ValueField.fields(of: items, travelling: travelling)
    }

    /// The tensors in the order in which their addresses travel: null ones left out, lists
    /// flattened.
    package var tensors: [SignatureTensor] {
        var found: [SignatureTensor] = []
        for item in items {
            switch item {
            case .tensor(let tensor?): found.append(tensor)
            case .tensorList(let list?): found.append(contentsOf: list.compactMap(\.self))
            default: break
            }
        }
        return found
    }
}

/// One argument.
package enum SignatureItem: Sendable, Equatable {
    case tensor(SignatureTensor?)
    case tensorList([SignatureTensor?]?)
    case scalar(SignatureScalar?)
    case scalarList([SignatureScalar?]?)
    case integers([Int64]?)
    case booleans([Bool]?)
    case reals([Float]?)
    /// The bytes of a C string without its end.
    case string([UInt8]?)
    /// A 64-, 32- or 8-bit integer, sign-extended; `letter` is its class letter (i, w or b).
    case integer(Int64, letter: UInt8)
    /// A float or a double; `letter` is its class letter (f or d).
    case real(Double, letter: UInt8)
}

/// What a tensor is, without where it is.
package struct SignatureTensor: Sendable, Equatable {
    /// aclDataType.
    package var type: Int16
    /// aclFormat.
    package var format: Int16
    package var shape: [Int64]
    /// In elements.
    package var strides: [Int64]
    /// In elements from the tensor's address.
    package var offset: Int64
    package var storageShape: [Int64]
    package init(
        type: Int16, format: Int16, shape: [Int64], strides: [Int64], offset: Int64,
        storageShape: [Int64]
    ) {
        self.type = type
        self.format = format
        self.shape = shape
        self.strides = strides
        self.offset = offset
        self.storageShape = storageShape
    }
}

/// A scalar: its aclDataType and its first 16 bytes.
package struct SignatureScalar: Sendable, Equatable {
    package var type: Int16
    package var low: UInt64
    package var high: UInt64
    package init(type: Int16, low: UInt64, high: UInt64) {
        self.type = type
        self.low = low
        self.high = high
    }
}

/// Why bytes are no signature; says what was expected at which byte.
package struct SignatureError: Error, Sendable, Equatable, CustomStringConvertible {
    package var description: String
    package init(_ description: String) { self.description = description }
}
