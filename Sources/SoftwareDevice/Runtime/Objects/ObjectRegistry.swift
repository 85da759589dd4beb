/// Every argument object and executor of the process, by handle.
final class ObjectRegistry: @unchecked Sendable {  // `lock` guards every member
    static let shared = ObjectRegistry()

    let lock = Lock()
    var tensors = HandleTable<TensorObject>(.tensor)
    var scalars = HandleTable<ScalarObject>(.scalar)
    var tensorLists = HandleTable<ListObject>(.tensorList)
    var scalarLists = HandleTable<ListObject>(.scalarList)
    var integers = HandleTable<ArrayObject<Int64>>(.integers)
    var reals = HandleTable<ArrayObject<Float>>(.reals)
    var booleans = HandleTable<ArrayObject<Bool>>(.booleans)
    var executors = HandleTable<Executor>(.executor)

    var tensorDescriptions = HandleTable<TensorDescription>(.tensorDescription)
    var dataBuffers = HandleTable<PlainDescription>(.dataBuffer)
    var attributeSets = HandleTable<PlainDescription>(.attributeSet)
    var operations = OperationCache()

    private init() {}

    func destroyTensorList(_ handle: UnsafeRawPointer?) -> Bool {
        guard let list = tensorLists.remove(handle) else { return false }
        unsafe list.elements.forEach { _ = tensors.remove($0) }
        return true
    }

    func destroyScalarList(_ handle: UnsafeRawPointer?) -> Bool {
        guard let list = scalarLists.remove(handle) else { return false }
        unsafe list.elements.forEach { _ = scalars.remove($0) }
        return true
    }
}
