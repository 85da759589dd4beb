/// The objects programs describe arguments with. They never change but for a tensor's address, and
/// are copied in phase one.
final class TensorObject {
    var tensor: TensorArgument
    init(_ tensor: TensorArgument) { self.tensor = tensor }
}

final class ScalarObject {
    let scalar: ScalarArgument
    init(_ scalar: ScalarArgument) { self.scalar = scalar }
}

/// A list owns what it was made of: destroying it destroys the elements.
// Safe: the elements are handles, which are looked up and never followed.
@safe final class ListObject {
    let elements: [UnsafeRawPointer?]
    init(_ elements: [UnsafeRawPointer?]) { unsafe self.elements = unsafe elements }
}

final class ArrayObject<Element> {
    let values: [Element]
    init(_ values: [Element]) { self.values = values }
}
