/// What the runtime hands to an operation and what an operation promises: the seam between
/// `Runtime/` (objects, streams, entry points) and `Operations/` (arithmetic).

/// A tensor as phase one copied it: what it is, and where it lies.
struct TensorArgument {
    /// Start of the storage; element 0 of the view is at `offset` elements from here.
    var storage: UnsafeMutableRawPointer?
    /// An aclDataType.
    var type: Int32
    var shape: [Int]
    /// In elements.
    var strides: [Int]
    /// In elements.
    var offset: Int
    var storageShape: [Int]
    /// An aclFormat.
    var format: Int32
}

/// A scalar: its type and its first 16 bytes, as aclCreateScalar was given them.
struct ScalarArgument {
    var type: Int32
    var bytes: (UInt64, UInt64)
}

/// One argument of an aclnn operation, deep-copied, in the order of its class string (without W and E).
enum Argument {
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
struct OperationRefusal: Error {
    var status: Int32
    var message: String
}

/// An aclnn operation of the software device.
struct Operation: Sendable {
    /// As `aclnnAdd`.
    var name: String
    /// The class letters without W and E, as `TTST`.
    var classes: String
    /// Phase one: types, shapes, nulls. Cheap; reads no tensor's data.
    var check: @Sendable ([Argument]) throws(OperationRefusal) -> Void
    /// Phase two, on the device's thread: computes. The arguments passed `check`.
    var run: @Sendable ([Argument]) -> Void
}
