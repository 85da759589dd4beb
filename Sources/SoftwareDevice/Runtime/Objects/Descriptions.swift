/// Objects of single operations by type name (aclop*). The software device runs none of these
/// operations, but a program makes and destroys their descriptions around the call that is refused,
/// and takes a failure there for a broken library.
final class TensorDescription {
    let type: Int32
    let format: Int32
    let shape: [Int64]

    init(type: Int32, format: Int32, shape: [Int64]) {
        self.type = type
        self.format = format
        self.shape = shape
    }
}

/// A data buffer or an attribute set: that it is there is all that is asked of it.
final class PlainDescription {}
