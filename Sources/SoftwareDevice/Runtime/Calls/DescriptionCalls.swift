// Single operations by type name: described as anywhere, refused when they are to run.

@c(aclCreateTensorDesc)
public func aclCreateTensorDesc(
    _ type: Int32, _ rank: Int32, _ shape: UnsafePointer<Int64>?, _ format: Int32
) -> UnsafeMutableRawPointer? {
    unsafe entryObject { () throws(Failure) in
        let description = unsafe TensorDescription(
            type: type, format: format, shape: try sizes(shape, rank))
        return try unsafe registered { $0.tensorDescriptions.insert(description) }
    }
}

@c(aclDestroyTensorDesc)
public func aclDestroyTensorDesc(_ description: UnsafeRawPointer?) {
    _ = unsafe destroy(description) { $0.tensorDescriptions.remove(description) != nil }
}

@c(aclGetTensorDescType)
public func aclGetTensorDescType(_ description: UnsafeRawPointer?) -> Int32 {
    unsafe read(description) { $0.type } ?? -1  // ACL_DT_UNDEFINED
}

@c(aclGetTensorDescFormat)
public func aclGetTensorDescFormat(_ description: UnsafeRawPointer?) -> Int32 {
    unsafe read(description) { $0.format } ?? -1  // ACL_FORMAT_UNDEFINED
}

@c(aclGetTensorDescNumDims)
public func aclGetTensorDescNumDims(_ description: UnsafeRawPointer?) -> Int {
    unsafe read(description) { $0.shape.count } ?? 0
}

@c(aclGetTensorDescDimV2)
public func aclGetTensorDescDimV2(
    _ description: UnsafeRawPointer?, _ index: Int, _ size: UnsafeMutablePointer<Int64>?
) -> Int32 {
    entryCall { () throws(Failure) in
        let result = try required(size, "dimSize")
        let shape = unsafe read(description) { $0.shape }
        guard let shape, shape.indices.contains(index) else {
            throw .invalid("there is no dimension \(index)")
        }
        unsafe result.pointee = shape[index]
    }
}

@c(aclSetTensorFormat)
public func aclSetTensorFormat(_ description: UnsafeMutableRawPointer?, _ format: Int32) -> Int32 {
    unsafe change(description)
}

@c(aclSetTensorShape)
public func aclSetTensorShape(
    _ description: UnsafeMutableRawPointer?, _ rank: Int32, _ shape: UnsafePointer<Int64>?
) -> Int32 {
    unsafe change(description)
}

@c(aclSetTensorPlaceMent)
public func aclSetTensorPlaceMent(
    _ description: UnsafeMutableRawPointer?, _ memoryType: Int32
) -> Int32 {
    unsafe change(description)
}

@c(aclSetTensorDescName)
public func aclSetTensorDescName(
    _ description: UnsafeMutableRawPointer?, _ name: UnsafePointer<CChar>?
) {
    _ = unsafe change(description)
}

@c(aclCreateDataBuffer)
public func aclCreateDataBuffer(
    _ data: UnsafeMutableRawPointer?, _ bytes: Int
) -> UnsafeMutableRawPointer? {
    unsafe entryObject { () throws(Failure) in
        try unsafe registered { $0.dataBuffers.insert(PlainDescription()) }
    }
}

@c(aclDestroyDataBuffer)
public func aclDestroyDataBuffer(_ buffer: UnsafeRawPointer?) -> Int32 {
    unsafe destroy(buffer) { $0.dataBuffers.remove(buffer) != nil }
}

@c(aclopCreateAttr)
public func aclopCreateAttr() -> UnsafeMutableRawPointer? {
    unsafe entryObject { () throws(Failure) in
        try unsafe registered { $0.attributeSets.insert(PlainDescription()) }
    }
}

@c(aclopDestroyAttr)
public func aclopDestroyAttr(_ attributes: UnsafeRawPointer?) {
    _ = unsafe destroy(attributes) { $0.attributeSets.remove(attributes) != nil }
}

@c(aclopSetAttrBool)
public func aclopSetAttrBool(
    _ attributes: UnsafeMutableRawPointer?, _ name: UnsafePointer<CChar>?, _ value: UInt8
) -> Int32 { unsafe setAttribute(attributes) }

@c(aclopSetAttrInt)
public func aclopSetAttrInt(
    _ attributes: UnsafeMutableRawPointer?, _ name: UnsafePointer<CChar>?, _ value: Int64
) -> Int32 { unsafe setAttribute(attributes) }

@c(aclopSetAttrFloat)
public func aclopSetAttrFloat(
    _ attributes: UnsafeMutableRawPointer?, _ name: UnsafePointer<CChar>?, _ value: Float
) -> Int32 { unsafe setAttribute(attributes) }

@c(aclopSetAttrString)
public func aclopSetAttrString(
    _ attributes: UnsafeMutableRawPointer?, _ name: UnsafePointer<CChar>?,
    _ value: UnsafePointer<CChar>?
) -> Int32 { unsafe setAttribute(attributes) }

@c(aclopSetAttrDataType)
public func aclopSetAttrDataType(
    _ attributes: UnsafeMutableRawPointer?, _ name: UnsafePointer<CChar>?, _ value: Int32
) -> Int32 { unsafe setAttribute(attributes) }

@c(aclopSetAttrListBool)
public func aclopSetAttrListBool(
    _ attributes: UnsafeMutableRawPointer?, _ name: UnsafePointer<CChar>?, _ count: Int32,
    _ values: UnsafePointer<UInt8>?
) -> Int32 { unsafe setAttribute(attributes) }

@c(aclopSetAttrListInt)
public func aclopSetAttrListInt(
    _ attributes: UnsafeMutableRawPointer?, _ name: UnsafePointer<CChar>?, _ count: Int32,
    _ values: UnsafePointer<Int64>?
) -> Int32 { unsafe setAttribute(attributes) }

@c(aclopSetAttrListFloat)
public func aclopSetAttrListFloat(
    _ attributes: UnsafeMutableRawPointer?, _ name: UnsafePointer<CChar>?, _ count: Int32,
    _ values: UnsafePointer<Float>?
) -> Int32 { unsafe setAttribute(attributes) }

@c(aclopSetAttrListListInt)
public func aclopSetAttrListListInt(
    _ attributes: UnsafeMutableRawPointer?, _ name: UnsafePointer<CChar>?, _ count: Int32,
    _ counts: UnsafePointer<Int32>?, _ values: UnsafePointer<UnsafePointer<Int64>?>?
) -> Int32 { unsafe setAttribute(attributes) }

/// Says which operation it was: this is where a program learns that it is not here.
@c(aclopCompileAndExecute)
public func aclopCompileAndExecute(
    _ type: UnsafePointer<CChar>?, _ inputCount: Int32, _ inputDescriptions: UnsafeRawPointer?,
    _ inputs: UnsafeRawPointer?, _ outputCount: Int32, _ outputDescriptions: UnsafeRawPointer?,
    _ outputs: UnsafeRawPointer?, _ attributes: UnsafeRawPointer?, _ engine: Int32,
    _ compile: Int32, _ path: UnsafePointer<CChar>?, _ stream: UnsafeMutableRawPointer?
) -> Int32 {
    entryCall { () throws(Failure) in
        let name = unsafe type.map { unsafe String(cString: $0) } ?? "without a name"
        throw Failure(
            Status.featureUnsupported,
            "operation \(name) is not offered by the software device, only aclnn operations are")
    }
}

private func sizes(_ shape: UnsafePointer<Int64>?, _ rank: Int32) throws(Failure) -> [Int64] {
    guard rank <= 64, unsafe shape != nil || rank <= 0 else {
        throw .invalid("a shape of \(rank) dimensions, or NULL")
    }
    return unsafe Array(UnsafeBufferPointer(start: shape, count: max(0, Int(rank))))
}

private func read<Value>(
    _ description: UnsafeRawPointer?, _ body: (TensorDescription) -> Value
) -> Value? {
    guard !ForkGuard.isForkedChild else { return nil }
    let registry = ObjectRegistry.shared
    return registry.lock.withLock { registry.tensorDescriptions.object(description).map(body) }
}

/// How the tensor is stored is set apart from what it is, and nobody here will store it.
private func change(_ description: UnsafeRawPointer?) -> Int32 {
    entryCall { () throws(Failure) in
        guard unsafe read(description, { _ in true }) != nil else {
            throw .invalid("no such tensor description")
        }
    }
}

private func setAttribute(_ attributes: UnsafeRawPointer?) -> Int32 {
    entryCall { () throws(Failure) in
        let registry = ObjectRegistry.shared
        let isThere = registry.lock.withLock { registry.attributeSets.object(attributes) != nil }
        guard isThere else { throw .invalid("no such attribute set") }
    }
}
