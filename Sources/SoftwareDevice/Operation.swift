/// What the runtime hands to an operation and what an operation promises: the seam between
/// `Runtime/` (objects, streams, entry points) and `Operations/` (arithmetic).

/// A tensor as phase one copied it: what it is, and where it lies.
// Safe to hold: nothing here reads the storage; who does says `unsafe`.
@safe package struct TensorArgument {
    /// Start of the storage; element 0 of the view is at `offset` elements from here.
    package var storage: UnsafeMutableRawPointer?
    /// All but its place; an argument is copied often, and copies share this.
    private let layout: TensorLayout

    package init(
        storage: UnsafeMutableRawPointer?, type: Int32, shape: [Int], strides: [Int], offset: Int,
        storageShape: [Int], format: Int32
    ) {
        unsafe self.storage = storage
        layout = TensorLayout(
            type: type, shape: shape, strides: strides, offset: offset, storageShape: storageShape,
            format: format)
    }

    /// An aclDataType.
    package var type: Int32 { layout.type }
    package var shape: [Int] { layout.shape }
    /// In elements.
    package var strides: [Int] { layout.strides }
    /// In elements.
    package var offset: Int { layout.offset }
    package var storageShape: [Int] { layout.storageShape }
    /// An aclFormat.
    package var format: Int32 { layout.format }
    /// Whether the view is of a size that memory could have: no sum or product of a few such sizes
    /// overflows. Nothing computes with a tensor that is not.
    package var isBounded: Bool { layout.isBounded }
}

/// What a tensor is, apart from where it lies.
private final class TensorLayout: Sendable {
    let type: Int32
    let shape: [Int]
    let strides: [Int]
    let offset: Int
    let storageShape: [Int]
    let format: Int32
    let isBounded: Bool

    /// Elements of a view, and how far apart they are at most.
    private static let elementsMax = 1 << 40

    init(
        type: Int32, shape: [Int], strides: [Int], offset: Int, storageShape: [Int], format: Int32
    ) {
        isBounded = Self.isBounded(shape, strides, offset)
        self.type = type
        self.shape = shape
        self.strides = strides
        self.offset = offset
        self.storageShape = storageShape
        self.format = format
    }

    private static func isBounded(_ shape: [Int], _ strides: [Int], _ offset: Int) -> Bool {
        let bounds = -elementsMax...elementsMax
        var count = 1
        for (size, stride) in zip(shape, strides) {
            let (reach, isFar) = stride.multipliedReportingOverflow(by: max(size, 1))
            let (product, isMany) = count.multipliedReportingOverflow(by: max(size, 1))
            guard !isFar, !isMany, bounds.contains(reach), product <= elementsMax else {
                return false
            }
            count = product
        }
        return bounds.contains(offset)
    }
}

/// A scalar: its type and its first 16 bytes, as aclCreateScalar was given them.
package struct ScalarArgument {
    package var type: Int32
    package var bytes: (UInt64, UInt64)

    package init(type: Int32, bytes: (UInt64, UInt64)) {
        self.type = type
        self.bytes = bytes
    }
}

/// One argument of an aclnn operation, deep-copied, in the order of its class string (without W and E).
package enum Argument {
    case tensor(TensorArgument?)  // T
    case tensorList([TensorArgument]?)  // L
    case scalar(ScalarArgument?)  // S
    case scalarList([ScalarArgument]?)  // C
    case integers([Int64]?)  // I
    case booleans([Bool]?)  // B
    case reals([Float]?)  // G
    case string(String?)  // s
    case integer(Int64)  // i w b
    case real(Double)  // f d
}

/// Why an operation refuses its arguments: an aclnnStatus (161001 null pointer, 161002 invalid) and what is wrong.
package struct OperationRefusal: Error {
    package var status: Int32
    package var message: String

    package init(status: Int32, message: String) {
        self.status = status
        self.message = message
    }
}

/// An aclnn operation of the software device.
package struct Operation: Sendable {
    /// As `aclnnAdd`.
    package var name: String
    /// The class letters without W and E, as `TTST`.
    package var classes: String
    /// Phase one: types, shapes, nulls. Cheap; reads no tensor's data.
    package var check: @Sendable ([Argument]) throws(OperationRefusal) -> Void
    /// Phase two, on the device's thread: computes. The arguments passed `check`. What it finds wrong in its data
    /// (an index out of bounds) it reports to `DeviceFault`.
    package var run: @Sendable ([Argument]) -> Void
    /// It has a time and no arithmetic: `run` leaves its outputs untouched.
    package var isTimingOnly = false

    package init(
        name: String, classes: String,
        check: @escaping @Sendable ([Argument]) throws(OperationRefusal) -> Void,
        run: @escaping @Sendable ([Argument]) -> Void
    ) {
        self.name = name
        self.classes = classes
        self.check = check
        self.run = run
    }
}
