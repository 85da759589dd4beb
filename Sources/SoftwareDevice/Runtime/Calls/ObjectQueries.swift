import Glibc

// Asking the argument objects what they are.

@c(aclGetViewShape)
public func aclGetViewShape(
    _ tensor: UnsafeRawPointer?, _ sizes: UnsafeMutablePointer<UnsafeMutablePointer<Int64>?>?,
    _ rank: UnsafeMutablePointer<UInt64>?
) -> Int32 {
    unsafe giveArray(sizes, rank, tensor) { $0.shape }
}

@c(aclGetStorageShape)
public func aclGetStorageShape(
    _ tensor: UnsafeRawPointer?, _ sizes: UnsafeMutablePointer<UnsafeMutablePointer<Int64>?>?,
    _ rank: UnsafeMutablePointer<UInt64>?
) -> Int32 {
    unsafe giveArray(sizes, rank, tensor) { $0.storageShape }
}

@c(aclGetViewStrides)
public func aclGetViewStrides(
    _ tensor: UnsafeRawPointer?, _ strides: UnsafeMutablePointer<UnsafeMutablePointer<Int64>?>?,
    _ rank: UnsafeMutablePointer<UInt64>?
) -> Int32 {
    unsafe giveArray(strides, rank, tensor) { $0.strides }
}

@c(aclGetViewOffset)
public func aclGetViewOffset(
    _ tensor: UnsafeRawPointer?, _ offset: UnsafeMutablePointer<Int64>?
) -> Int32 {
    entryCall { () throws(Failure) in
        try unsafe given(offset).pointee = unsafe Int64(try read(tensor).offset)
    }
}

@c(aclGetFormat)
public func aclGetFormat(
    _ tensor: UnsafeRawPointer?, _ format: UnsafeMutablePointer<Int32>?
) -> Int32 {
    entryCall { () throws(Failure) in
        try unsafe given(format).pointee = try unsafe read(tensor).format
    }
}

@c(aclGetDataType)
public func aclGetDataType(
    _ tensor: UnsafeRawPointer?, _ type: UnsafeMutablePointer<Int32>?
) -> Int32 {
    entryCall { () throws(Failure) in try unsafe given(type).pointee = try unsafe read(tensor).type
    }
}

@c(aclGetRawTensorAddr)
public func aclGetRawTensorAddr(
    _ tensor: UnsafeRawPointer?, _ address: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
    entryCall { () throws(Failure) in
        try unsafe given(address).pointee = try unsafe read(tensor).storage
    }
}

@c(aclSetRawTensorAddr)
public func aclSetRawTensorAddr(
    _ tensor: UnsafeMutableRawPointer?, _ address: UnsafeMutableRawPointer?
) -> Int32 {
    entryCall { () throws(Failure) in
        let registry = ObjectRegistry.shared
        try registry.lock.withLock { () throws(Failure) in
            guard let object = unsafe registry.tensors.object(tensor) else {
                throw unsafe unknown(tensor)
            }
            unsafe object.tensor.storage = address
        }
    }
}

@c(aclGetTensorListSize)
public func aclGetTensorListSize(
    _ list: UnsafeRawPointer?, _ count: UnsafeMutablePointer<UInt64>?
) -> Int32 {
    unsafe giveCount(count, list) { unsafe $0.tensorLists.object(list)?.elements.count }
}

@c(aclGetScalarListSize)
public func aclGetScalarListSize(
    _ list: UnsafeRawPointer?, _ count: UnsafeMutablePointer<UInt64>?
) -> Int32 {
    unsafe giveCount(count, list) { unsafe $0.scalarLists.object(list)?.elements.count }
}

@c(aclGetIntArraySize)
public func aclGetIntArraySize(
    _ array: UnsafeRawPointer?, _ count: UnsafeMutablePointer<UInt64>?
) -> Int32 {
    unsafe giveCount(count, array) { $0.integers.object(array)?.values.count }
}

@c(aclGetFloatArraySize)
public func aclGetFloatArraySize(
    _ array: UnsafeRawPointer?, _ count: UnsafeMutablePointer<UInt64>?
) -> Int32 {
    unsafe giveCount(count, array) { $0.reals.object(array)?.values.count }
}

@c(aclGetBoolArraySize)
public func aclGetBoolArraySize(
    _ array: UnsafeRawPointer?, _ count: UnsafeMutablePointer<UInt64>?
) -> Int32 {
    unsafe giveCount(count, array) { $0.booleans.object(array)?.values.count }
}

private func given<Value>(
    _ pointer: UnsafeMutablePointer<Value>?
) throws(Failure) -> UnsafeMutablePointer<Value> {
    guard let pointer = unsafe pointer else {
        throw Failure(Status.nullArgument, "an output argument is NULL")
    }
    return unsafe pointer
}

private func unknown(_ handle: UnsafeRawPointer?) -> Failure {
    unsafe handle == nil
        ? Failure(Status.nullArgument, "the object is NULL")
        : Failure(
            Status.invalidArgument, "0x\(hex(UInt(bitPattern: handle))) is no such object")
}

private func read(_ tensor: UnsafeRawPointer?) throws(Failure) -> TensorArgument {
    let registry = ObjectRegistry.shared
    guard let found = registry.lock.withLock({ registry.tensors.object(tensor)?.tensor }) else {
        throw unsafe unknown(tensor)
    }
    return found
}

private func giveCount(
    _ count: UnsafeMutablePointer<UInt64>?, _ handle: UnsafeRawPointer?,
    _ find: (ObjectRegistry) -> Int?
) -> Int32 {
    entryCall { () throws(Failure) in
        let result = try unsafe given(count)
        let registry = ObjectRegistry.shared
        guard let found = registry.lock.withLock({ find(registry) }) else {
            throw unsafe unknown(handle)
        }
        unsafe result.pointee = UInt64(found)
    }
}

/// Gives out a dimension array, which the caller frees with C++'s delete[].
private func giveArray(
    _ values: UnsafeMutablePointer<UnsafeMutablePointer<Int64>?>?,
    _ count: UnsafeMutablePointer<UInt64>?, _ tensor: UnsafeRawPointer?,
    _ choose: (TensorArgument) -> [Int]
) -> Int32 {
    entryCall { () throws(Failure) in
        let (valuesResult, countResult) = unsafe (try given(values), try given(count))
        let chosen = unsafe choose(try read(tensor))
        let array = unsafe ArrayAllocation.make(chosen.count)
        guard let array = unsafe array else { throw Failure(561_000, "no memory for a shape") }
        for (index, value) in chosen.enumerated() { unsafe array[index] = Int64(value) }
        unsafe valuesResult.pointee = array
        unsafe countResult.pointee = UInt64(chosen.count)
    }
}

/// C++'s `operator new[]`, as the program has it: what it gives is freed with `delete[]`.
private enum ArrayAllocation {
    private typealias Allocate = @convention(c) (Int) -> UnsafeMutableRawPointer?
    private static let allocate: Allocate? = unsafe dlsym(nil, "_Znam").map {
        unsafe unsafeBitCast($0, to: Allocate.self)
    }

    static func make(_ count: Int) -> UnsafeMutablePointer<Int64>? {
        let bytes = max(count, 1) * MemoryLayout<Int64>.stride
        let memory = unsafe allocate.map { unsafe $0(bytes) } ?? malloc(bytes)
        return unsafe memory?.assumingMemoryBound(to: Int64.self)
    }
}
