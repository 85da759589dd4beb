// Making and destroying the objects that describe arguments.

@c(aclCreateTensor)
public func aclCreateTensor(
    _ shape: UnsafePointer<Int64>?, _ rank: UInt64, _ type: Int32,
    _ strides: UnsafePointer<Int64>?, _ offset: Int64, _ format: Int32,
    _ storageShape: UnsafePointer<Int64>?, _ storageRank: UInt64,
    _ storage: UnsafeMutableRawPointer?
) -> UnsafeMutableRawPointer? {
    unsafe entryObject { () throws(Failure) in
        let sizes = try unsafe dimensions(shape, rank)
        let tensor = unsafe TensorArgument(
            storage: storage, type: type, shape: sizes,
            strides: strides == nil ? contiguousStrides(sizes) : try dimensions(strides, rank),
            offset: Int(offset), storageShape: try dimensions(storageShape, storageRank),
            format: format)
        guard sizes.allSatisfy({ $0 >= 0 }), offset >= 0, tensor.isBounded else {
            throw Failure(Status.invalidArgument, "a tensor of a negative or too large size")
        }
        return try unsafe registered { $0.tensors.insert(TensorObject(tensor)) }
    }
}

@c(aclCreateScalar)
public func aclCreateScalar(
    _ value: UnsafeRawPointer?, _ type: Int32
) -> UnsafeMutableRawPointer? {
    unsafe entryObject { () throws(Failure) in
        let width = ElementWidth.bytes(type)
        guard let value = unsafe value, width > 0 else {
            throw Failure(Status.invalidArgument, "a scalar without a value or of type \(type)")
        }
        var words: (UInt64, UInt64) = (0, 0)
        unsafe withUnsafeMutableBytes(of: &words) {
            unsafe $0.copyMemory(from: UnsafeRawBufferPointer(start: value, count: width))
        }
        let scalar = ScalarObject(ScalarArgument(type: type, bytes: words))
        return try unsafe registered { $0.scalars.insert(scalar) }
    }
}

@c(aclCreateTensorList)
public func aclCreateTensorList(
    _ elements: UnsafePointer<UnsafeRawPointer?>?, _ count: UInt64
) -> UnsafeMutableRawPointer? {
    unsafe entryObject { () throws(Failure) in
        let list = unsafe ListObject(try values(elements, count))
        return try unsafe registered { $0.tensorLists.insert(list) }
    }
}

@c(aclCreateScalarList)
public func aclCreateScalarList(
    _ elements: UnsafePointer<UnsafeRawPointer?>?, _ count: UInt64
) -> UnsafeMutableRawPointer? {
    unsafe entryObject { () throws(Failure) in
        let list = unsafe ListObject(try values(elements, count))
        return try unsafe registered { $0.scalarLists.insert(list) }
    }
}

@c(aclCreateIntArray)
public func aclCreateIntArray(
    _ elements: UnsafePointer<Int64>?, _ count: UInt64
) -> UnsafeMutableRawPointer? {
    unsafe entryObject { () throws(Failure) in
        let array = unsafe ArrayObject(try values(elements, count))
        return try unsafe registered { $0.integers.insert(array) }
    }
}

@c(aclCreateFloatArray)
public func aclCreateFloatArray(
    _ elements: UnsafePointer<Float>?, _ count: UInt64
) -> UnsafeMutableRawPointer? {
    unsafe entryObject { () throws(Failure) in
        let array = unsafe ArrayObject(try values(elements, count))
        return try unsafe registered { $0.reals.insert(array) }
    }
}

@c(aclCreateBoolArray)
public func aclCreateBoolArray(
    _ elements: UnsafePointer<Bool>?, _ count: UInt64
) -> UnsafeMutableRawPointer? {
    unsafe entryObject { () throws(Failure) in
        let array = unsafe ArrayObject(try values(elements, count))
        return try unsafe registered { $0.booleans.insert(array) }
    }
}

@c(aclDestroyTensor)
public func aclDestroyTensor(_ tensor: UnsafeRawPointer?) -> Int32 {
    unsafe destroy(tensor) { $0.tensors.remove(tensor) != nil }
}

@c(aclDestroyScalar)
public func aclDestroyScalar(_ scalar: UnsafeRawPointer?) -> Int32 {
    unsafe destroy(scalar) { $0.scalars.remove(scalar) != nil }
}

@c(aclDestroyTensorList)
public func aclDestroyTensorList(_ list: UnsafeRawPointer?) -> Int32 {
    unsafe destroy(list) { unsafe $0.destroyTensorList(list) }
}

@c(aclDestroyScalarList)
public func aclDestroyScalarList(_ list: UnsafeRawPointer?) -> Int32 {
    unsafe destroy(list) { unsafe $0.destroyScalarList(list) }
}

@c(aclDestroyIntArray)
public func aclDestroyIntArray(_ array: UnsafeRawPointer?) -> Int32 {
    unsafe destroy(array) { $0.integers.remove(array) != nil }
}

@c(aclDestroyFloatArray)
public func aclDestroyFloatArray(_ array: UnsafeRawPointer?) -> Int32 {
    unsafe destroy(array) { $0.reals.remove(array) != nil }
}

@c(aclDestroyBoolArray)
public func aclDestroyBoolArray(_ array: UnsafeRawPointer?) -> Int32 {
    unsafe destroy(array) { $0.booleans.remove(array) != nil }
}

/// Runs `insert` under the registry's lock; a table gives a handle always, but for the type.
func registered(
    _ insert: (ObjectRegistry) -> UnsafeMutableRawPointer?
) throws(Failure) -> UnsafeMutableRawPointer {
    let registry = ObjectRegistry.shared
    guard let handle = unsafe registry.lock.withLock({ unsafe insert(registry) }) else {
        throw Failure(Status.overLimit, "too many objects")
    }
    return unsafe handle
}

/// Destroying nothing succeeds; destroying what is not there does not.
func destroy(_ handle: UnsafeRawPointer?, _ remove: (ObjectRegistry) -> Bool) -> Int32 {
    entryCall { () throws(Failure) in
        guard let handle = unsafe handle else { return }
        let registry = ObjectRegistry.shared
        guard registry.lock.withLock({ remove(registry) }) else {
            throw Failure(
                Status.invalidArgument,
                "0x\(hex(UInt(bitPattern: handle))) is no such object, or was destroyed before")
        }
    }
}

/// The longest array or list that an object is made of.
private let elementsMax: UInt64 = 1 << 24

private func values<Element>(
    _ elements: UnsafePointer<Element>?, _ count: UInt64
) throws(Failure) -> [Element] {
    guard count <= elementsMax, unsafe elements != nil || count == 0 else {
        throw Failure(Status.invalidArgument, "an array of \(count) elements at NULL or too long")
    }
    return unsafe Array(UnsafeBufferPointer(start: elements, count: Int(count)))
}

private func dimensions(
    _ sizes: UnsafePointer<Int64>?, _ rank: UInt64
) throws(Failure) -> [Int] {
    guard rank <= 64, unsafe sizes != nil || rank == 0 else {
        throw Failure(Status.invalidArgument, "a shape of \(rank) dimensions, or NULL")
    }
    return unsafe UnsafeBufferPointer(start: sizes, count: Int(rank)).map { Int($0) }
}

private func contiguousStrides(_ shape: [Int]) -> [Int] {
    var strides = shape
    var step = 1
    for index in shape.indices.reversed() {
        strides[index] = step
        step = step &* max(shape[index], 1)
    }
    return strides
}
