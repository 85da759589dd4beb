/// The functions that make and destroy what aclnn operations take as arguments, by their C shapes.
// C functions of a library that is never unloaded, which may be called from any thread.
struct OperatorCalls: @unchecked Sendable {
    typealias Object = UnsafeMutableRawPointer
    typealias Destroy = @convention(c) (Object?) -> Int32

    let createTensor:
        @convention(c) (
            UnsafePointer<Int64>?, UInt64, Int32, UnsafePointer<Int64>?, Int64, Int32,
            UnsafePointer<Int64>?, UInt64, Object?
        ) -> Object?
    let createScalar: @convention(c) (UnsafeRawPointer?, Int32) -> Object?
    let createIntegers: @convention(c) (UnsafePointer<Int64>?, UInt64) -> Object?
    let createReals: @convention(c) (UnsafePointer<Float>?, UInt64) -> Object?
    let createBooleans: @convention(c) (UnsafePointer<Bool>?, UInt64) -> Object?
    let createTensorList: @convention(c) (UnsafePointer<Object?>?, UInt64) -> Object?
    let createScalarList: @convention(c) (UnsafePointer<Object?>?, UInt64) -> Object?
    let destroyTensor: Destroy
    let destroyScalar: Destroy
    let destroyIntegers: Destroy
    let destroyReals: Destroy
    let destroyBooleans: Destroy
    let destroyTensorList: Destroy
    let destroyScalarList: Destroy
    let destroyExecutor: Destroy?
    let setRepeatable: (@convention(c) (Object?) -> Int32)?
    let setTensorAddress: (@convention(c) (Object?, Int, Object?, Object?) -> Int32)?

    init(_ library: DeviceLibrary) throws(DeviceLibraryError) {
        createTensor = try library.required(
            "aclCreateTensor",
            as: (@convention(c) (
                UnsafePointer<Int64>?, UInt64, Int32, UnsafePointer<Int64>?, Int64, Int32,
                UnsafePointer<Int64>?, UInt64, Object?
            ) -> Object?).self)
        createScalar = try library.required(
            "aclCreateScalar", as: (@convention(c) (UnsafeRawPointer?, Int32) -> Object?).self)
        createIntegers = try library.required(
            "aclCreateIntArray",
            as: (@convention(c) (UnsafePointer<Int64>?, UInt64) -> Object?).self)
        createReals = try library.required(
            "aclCreateFloatArray",
            as: (@convention(c) (UnsafePointer<Float>?, UInt64) -> Object?).self)
        createBooleans = try library.required(
            "aclCreateBoolArray",
            as: (@convention(c) (UnsafePointer<Bool>?, UInt64) -> Object?).self)
        typealias List = @convention(c) (UnsafePointer<Object?>?, UInt64) -> Object?
        createTensorList = try library.required("aclCreateTensorList", as: List.self)
        createScalarList = try library.required("aclCreateScalarList", as: List.self)
        destroyTensor = try library.required("aclDestroyTensor", as: Destroy.self)
        destroyScalar = try library.required("aclDestroyScalar", as: Destroy.self)
        destroyIntegers = try library.required("aclDestroyIntArray", as: Destroy.self)
        destroyReals = try library.required("aclDestroyFloatArray", as: Destroy.self)
        destroyBooleans = try library.required("aclDestroyBoolArray", as: Destroy.self)
        destroyTensorList = try library.required("aclDestroyTensorList", as: Destroy.self)
        destroyScalarList = try library.required("aclDestroyScalarList", as: Destroy.self)
        destroyExecutor = library.optional("aclDestroyAclOpExecutor", as: Destroy.self)
        setRepeatable = library.optional(
            "aclSetAclOpExecutorRepeatable", as: (@convention(c) (Object?) -> Int32).self)
        setTensorAddress = library.optional(
            "aclSetTensorAddr",
            as: (@convention(c) (Object?, Int, Object?, Object?) -> Int32).self)
    }
}
