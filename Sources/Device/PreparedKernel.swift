import Wire

/// An aclnn operation with one signature: everything about its call is made once, only addresses
/// change.
///
/// Where the device library lets an executor be used again (aclSetAclOpExecutorRepeatable), the
/// first launch keeps it and later ones only set the tensors' addresses; elsewhere each launch goes
/// through both phases.
package final class PreparedKernel {
    package typealias PhaseTwo =
        @convention(c) (DeviceHandle?, UInt64, DeviceHandle?, DeviceHandle?) -> Int32

    package let name: String
    private let calls: OperatorCalls
    private let objects: ArgumentObjects
    private let phaseOne: ForeignCall
    private let phaseTwo: PhaseTwo
    private let workspaceBytes: UnsafeMutablePointer<UInt64>
    private let executor: UnsafeMutablePointer<DeviceHandle?>
    /// Where each tensor argument's object goes: slot, and the tensors in it (one, or a list's).
    private var tensorSlots: [(slot: Int, isList: Bool, tensors: [SignatureTensor?])] = []
    /// Objects that stay for the kernel's life, with what destroys them.
    private var kept: [(object: DeviceHandle, destroy: OperatorCalls.Destroy)] = []
    private var strings: [UnsafeMutablePointer<CChar>] = []
    /// A repeatable executor and the tensors it was made with, in order.
    private var repeatable: (executor: DeviceHandle, tensors: [DeviceHandle])?
    private var triesRepeatable: Bool
    /// How many addresses a launch takes.
    package let addressCount: Int

    /// Nil where the shape of the call is beyond libffi.
    init?(
        name: String, signature: Signature, phaseOne address: UnsafeMutableRawPointer,
        phaseTwo: @escaping PhaseTwo, calls: OperatorCalls
    ) {
        let letters = signature.items.map(\.letter) + Array("WE".utf8)
        guard let call = ForeignCall(function: address, letters: letters) else { return nil }
        self.name = name
        self.calls = calls
        self.phaseTwo = phaseTwo
        objects = ArgumentObjects(calls)
        phaseOne = call
        workspaceBytes = .allocate(capacity: 1)
        workspaceBytes.initialize(to: 0)
        executor = .allocate(capacity: 1)
        executor.initialize(to: nil)
        addressCount = signature.tensors.count
        triesRepeatable = calls.setRepeatable != nil && calls.setTensorAddress != nil
        for (index, item) in signature.items.enumerated() { prepare(item, slot: index) }
        if tensorSlots.contains(where: \.isList) { triesRepeatable = false }
        call.set(letters.count - 2, to: UnsafeRawPointer(workspaceBytes))
        call.set(letters.count - 1, to: UnsafeRawPointer(executor))
    }

    deinit {
        if let repeatable {
            _ = calls.destroyExecutor?(repeatable.executor)
            for tensor in repeatable.tensors { _ = calls.destroyTensor(tensor) }
        }
        for (object, destroy) in kept { _ = destroy(object) }
        for string in strings { string.deallocate() }
        workspaceBytes.deallocate()
        executor.deallocate()
    }

    private func prepare(_ item: SignatureItem, slot: Int) {
        switch item {
        case .tensor(let tensor):
            if let tensor { tensorSlots.append((slot, false, [tensor])) }
        case .tensorList(let list):
            if let list { tensorSlots.append((slot, true, list)) }
        case .scalar(let scalar):
            keep(scalar.flatMap(objects.scalar), slot, calls.destroyScalar)
        case .scalarList(let list):
            let made = list.map { objects.list(ofScalars: $0.map { $0.flatMap(objects.scalar) }) }
            keep(made ?? nil, slot, calls.destroyScalarList)
        case .integers(let values):
            keep(values.flatMap(objects.integers), slot, calls.destroyIntegers)
        case .booleans(let values):
            keep(values.flatMap(objects.booleans), slot, calls.destroyBooleans)
        case .reals(let values): keep(values.flatMap(objects.reals), slot, calls.destroyReals)
        case .string(let bytes): phaseOne.set(slot, to: bytes.map(keepString))
        case .integer(let value, _): phaseOne.set(slot, to: UInt64(bitPattern: value))
        case .real(let value, let letter):
            if letter == UInt8(ascii: "f") {
                phaseOne.set(slot, toFloat: Float(value))
            } else {
                phaseOne.set(slot, toDouble: value)
            }
        }
    }

    private func keep(
        _ object: DeviceHandle?, _ slot: Int, _ destroy: @escaping OperatorCalls.Destroy
    ) {
        if let object { kept.append((object, destroy)) }
        phaseOne.set(slot, to: UnsafeRawPointer(object))
    }

    private func keepString(_ bytes: [UInt8]) -> UnsafeRawPointer {
        let string = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count + 1)
        for (index, byte) in bytes.enumerated() { string[index] = CChar(bitPattern: byte) }
        string[bytes.count] = 0
        strings.append(string)
        return UnsafeRawPointer(string)
    }

    /// Phase one alone: whether the device library accepts the arguments. Returns its status.
    package func check(addresses: [UInt64]) -> Int32 {
        let made = makeTensors(addresses)
        defer { destroy(made) }
        let status = phaseOne.call()
        if status == 0, let unused = executor.pointee { _ = calls.destroyExecutor?(unused) }
        executor.pointee = nil
        return status
    }

    /// Both phases on `stream`. `workspace` gives memory of the size the device library asks for.
    package func launch(
        addresses: [UInt64], stream: DeviceHandle,
        workspace: (UInt64) throws(DeviceError) -> DeviceHandle?
    ) throws(DeviceError) -> Int32 {
        if let repeatable, relaunch(repeatable, addresses: addresses) {
            let memory = workspaceBytes.pointee > 0 ? try workspace(workspaceBytes.pointee) : nil
            return phaseTwo(memory, workspaceBytes.pointee, repeatable.executor, stream)
        }
        let made = makeTensors(addresses)
        let status = phaseOne.call()
        guard status == 0 else {
            destroy(made)
            return status
        }
        let isKept = keepExecutor(made)
        defer { if !isKept { destroy(made) } }
        let memory = workspaceBytes.pointee > 0 ? try workspace(workspaceBytes.pointee) : nil
        return phaseTwo(memory, workspaceBytes.pointee, executor.pointee, stream)
    }

    /// Points a kept executor at new addresses; false where the device library refuses one of them.
    private func relaunch(
        _ kept: (executor: DeviceHandle, tensors: [DeviceHandle]), addresses: [UInt64]
    ) -> Bool {
        guard let setAddress = calls.setTensorAddress else { return false }
        for (index, tensor) in kept.tensors.enumerated() {
            let address = DeviceHandle(bitPattern: UInt(addresses[index]))
            guard setAddress(kept.executor, index, tensor, address) == 0 else { return false }
        }
        return true
    }

    /// Asks for the executor just made to be repeatable; remembers a refusal.
    private func keepExecutor(_ made: [(object: DeviceHandle, isList: Bool)]) -> Bool {
        guard triesRepeatable, repeatable == nil, let one = executor.pointee else { return false }
        guard calls.setRepeatable?(one) == 0 else {
            triesRepeatable = false
            return false
        }
        repeatable = (one, made.map(\.object))
        return true
    }

    private func makeTensors(_ addresses: [UInt64]) -> [(object: DeviceHandle, isList: Bool)] {
        var next = 0
        var made: [(object: DeviceHandle, isList: Bool)] = []
        made.reserveCapacity(tensorSlots.count)
        for (slot, isList, tensors) in tensorSlots {
            let handles = tensors.map { tensor -> DeviceHandle? in
                guard let tensor else { return nil }
                defer { next += 1 }
                return objects.tensor(tensor, at: addresses[next])
            }
            let object = isList ? objects.list(ofTensors: handles) : handles[0]
            phaseOne.set(slot, to: UnsafeRawPointer(object))
            if let object { made.append((object, isList)) }
        }
        return made
    }

    private func destroy(_ made: [(object: DeviceHandle, isList: Bool)]) {
        for (object, isList) in made {
            _ = isList ? calls.destroyTensorList(object) : calls.destroyTensor(object)
        }
    }
}

extension SignatureItem {
    /// The argument's class letter.
    var letter: UInt8 {
        switch self {
        case .tensor: UInt8(ascii: "T")
        case .tensorList: UInt8(ascii: "L")
        case .scalar: UInt8(ascii: "S")
        case .scalarList: UInt8(ascii: "C")
        case .integers: UInt8(ascii: "I")
        case .booleans: UInt8(ascii: "B")
        case .reals: UInt8(ascii: "G")
        case .string: UInt8(ascii: "s")
        case .integer(_, let letter), .real(_, let letter): letter
        }
    }
}
