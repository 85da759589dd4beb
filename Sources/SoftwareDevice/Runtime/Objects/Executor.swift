import CostModel

/// An aclnn operation between its two phases: its arguments, copied, and where they reach in
/// memory.
///
/// Guarded by the registry's lock; a launch takes the arguments with it, so later changes do not
/// reach it.
final class Executor {
    let operation: Operation
    private(set) var arguments: [Argument]
    /// One for each tensor that is there, in the order of the arguments, lists spelled out.
    let extents: [TensorExtent]
    /// Where each of these tensors starts.
    private(set) var addresses: [UInt]
    /// The objects they were made from, by which the address setters may name them.
    private let objects: [UInt]
    /// What it asks of a chip; nil where nothing asks for it.
    private(set) var work: ChipWork?
    /// Whether its numbers are computed; otherwise its outputs are left untouched.
    private(set) var computes = true
    /// Stays after a launch, until it is destroyed.
    var isRepeatable = false

    init(operation: Operation, arguments: [Argument], objects: [UInt]) {
        self.operation = operation
        self.arguments = arguments
        self.objects = objects
        var extents: [TensorExtent] = []
        var addresses: [UInt] = []
        for (index, argument) in arguments.enumerated() {
            switch argument {
            case .tensor(let tensor?):
                extents.append(TensorExtent(of: tensor, argument: index, element: nil))
                unsafe addresses.append(UInt(bitPattern: tensor.storage))
            case .tensorList(let list?):
                for (element, tensor) in list.enumerated() {
                    extents.append(TensorExtent(of: tensor, argument: index, element: element))
                    unsafe addresses.append(UInt(bitPattern: tensor.storage))
                }
            default: break
            }
        }
        self.extents = extents
        self.addresses = addresses
    }

    /// Notes what it costs, and whether its numbers are computed.
    func plan(_ work: ChipWork?, computes: Bool) {
        self.work = work
        self.computes = computes
    }

    /// What one phase two takes to the device.
    func launch() -> Launch {
        Launch(executor: self, arguments: arguments, addresses: addresses)
    }

    /// Points the tensor at `index` elsewhere; false where there is none.
    func setAddress(_ address: UnsafeMutableRawPointer?, ofTensor index: Int) -> Bool {
        guard extents.indices.contains(index) else { return false }
        let extent = extents[index]
        addresses[index] = UInt(bitPattern: address)
        let taken = arguments[extent.argument]
        // Emptied first: the tensor below is then the only one of its kind, and changes in place.
        arguments[extent.argument] = .integer(0)
        arguments[extent.argument] = unsafe taken.pointing(at: address, element: extent.element)
        return true
    }

    /// The place among the tensors of the one that was made from `object`, `position` within a
    /// list.
    func tensorIndex(ofObject object: UnsafeRawPointer?, position: Int = 0) -> Int? {
        let wanted = UInt(bitPattern: object)
        guard wanted != 0 else { return nil }
        return objects.firstIndex(of: wanted).map { $0 + position }
    }
}

extension Argument {
    /// The same argument with its tensor, or one element of its list, at another address.
    fileprivate consuming func pointing(
        at address: UnsafeMutableRawPointer?, element: Int?
    ) -> Argument {
        switch consume self {
        case .tensor(var tensor?):
            unsafe tensor.storage = address
            return .tensor(tensor)
        case .tensorList(var list?):
            if let element { unsafe list[element].storage = unsafe address }
            return .tensorList(list)
        case let other: return other
        }
    }
}

/// Which bytes a tensor's view touches, counted from its storage's start. The tensor is bounded, so no
/// sum here overflows.
struct TensorExtent {
    let argument: Int
    /// Its place in a tensor list.
    let element: Int?
    private let lowBytes: Int
    private let lengthBytes: UInt

    init(of tensor: TensorArgument, argument: Int, element: Int?) {
        self.argument = argument
        self.element = element
        var low = tensor.offset
        var high = tensor.offset
        var isEmpty = false
        for (size, stride) in zip(tensor.shape, tensor.strides) {
            if size <= 0 { isEmpty = true }
            let reach = stride * (max(size, 1) - 1)
            if reach < 0 { low += reach } else { high += reach }
        }
        let bits = ElementWidth.bits(tensor.type)
        lowBytes = low * bits / 8
        lengthBytes = isEmpty ? 0 : UInt((high - low + 1) * bits + 7) / 8
    }

    func range(from address: UInt) -> (address: UInt, bytes: UInt) {
        (address &+ UInt(bitPattern: lowBytes), lengthBytes)
    }
}

/// One launch of an executor, as it was at phase two.
struct Launch {
    let executor: Executor
    let arguments: [Argument]
    let addresses: [UInt]

    /// Computes, unless a tensor lies where it must not; what the operation finds in its data is a
    /// fault of the device too.
    func perform(in memory: AddressSpace) -> Failure? {
        let extents = executor.extents
        let ranges = extents.indices.lazy.map { extents[$0].range(from: addresses[$0]) }
        if let stray = memory.firstInaccessible(of: ranges) {
            return Failure(
                Status.deviceFault,
                "\(executor.operation.name) touches 0x\(hex(stray)), which is in no allocation "
                    + "or reaches beyond it")
        }
        guard executor.computes else { return nil }
        executor.operation.run(arguments)
        return DeviceFault.take().map { found in
            Failure(Status.deviceFault, "\(executor.operation.name): \(found)")
        }
    }
}
