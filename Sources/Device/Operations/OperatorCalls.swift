/// The functions that make and destroy what aclnn operations take as arguments, by their C shapes.
// C functions of a library that is never unloaded, which may be called from any thread. Safe to
// hold: a call says `unsafe` where it is made.
@safe struct OperatorCalls: @unchecked Sendable {
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
        unsafe createTensor = try library.required(
            "aclCreateTensor",
            as: (@convention(c) (
                UnsafePointer<Int64>?, UInt64, Int32, UnsafePointer<Int64>?, Int64, Int32,
                UnsafePointer<Int64>?, UInt64, Object?
            ) -> Object?).self)
        unsafe createScalar = try library.required(
            "aclCreateScalar", as: (@convention(c) (UnsafeRawPointer?, Int32) -> Object?).self)
        unsafe createIntegers = try library.required(
            "aclCreateIntArray",
            as: (@convention(c) (UnsafePointer<Int64>?, UInt64) -> Object?).self)
        unsafe createReals = try library.required(
            "aclCreateFloatArray",
            as: (@convention(c) (UnsafePointer<Float>?, UInt64) -> Object?).self)
        unsafe createBooleans = try library.required(
            "aclCreateBoolArray",
            as: (@convention(c) (UnsafePointer<Bool>?, UInt64) -> Object?).self)
        typealias List = @convention(c) (UnsafePointer<Object?>?, UInt64) -> Object?
        unsafe createTensorList = try library.required("aclCreateTensorList", as: List.self)
        unsafe createScalarList = try library.required("aclCreateScalarList", as: List.self)
        unsafe destroyTensor = try library.required("aclDestroyTensor", as: Destroy.self)
        unsafe destroyScalar = try library.required("aclDestroyScalar", as: Destroy.self)
        unsafe destroyIntegers = try library.required("aclDestroyIntArray", as: Destroy.self)
        unsafe destroyReals = try library.required("aclDestroyFloatArray", as: Destroy.self)
        unsafe destroyBooleans = try library.required("aclDestroyBoolArray", as: Destroy.self)
        unsafe destroyTensorList = try library.required("aclDestroyTensorList", as: Destroy.self)
        unsafe destroyScalarList = try library.required("aclDestroyScalarList", as: Destroy.self)
        unsafe destroyExecutor = library.optional("aclDestroyAclOpExecutor", as: Destroy.self)
        unsafe setRepeatable = library.optional(
            "aclSetAclOpExecutorRepeatable", as: (@convention(c) (Object?) -> Int32).self)
        unsafe setTensorAddress = library.optional(
            "aclSetTensorAddr",
            as: (@convention(c) (Object?, Int, Object?, Object?) -> Int32).self)
    }
}
