import Wire

/// An operation's argument list, ready to be completed by a launch's values: what the plan fixes is
/// made once, the rest for each launch.
// Safe: it owns the objects in its call's slots, and destroys them when it goes.
@safe final class KernelArguments {
    /// An argument, or a list, that needs values.
    private enum Travelling {
        case tensor(SignatureTensor, position: Int, index: Int)
        case tensorList([(tensor: SignatureTensor, position: Int)?])
        case scalar(type: Int16, position: Int)
        case scalarList([SignatureScalar?], positions: [Int?])
        case integers(count: Int, position: Int)
        case reals(SignatureItem, ValueField)
        case booleans(SignatureItem, ValueField)
        case word(letter: UInt8, position: Int)
    }

    /// An object that the device library made, and what destroys it.
    // Safe: the library's handles are opaque; nothing reads through them here.
    @safe struct Made {
        var object: DeviceHandle
        var destroy: OperatorCalls.Destroy
    }

    /// A tensor's words among the values.
    struct TensorPlace {
        /// Of its address; the view's offset is behind.
        var position: Int
        /// Bytes of an element; 0: not whole bytes.
        var elementBytes: UInt64
    }

    /// The tensor object of the launch before, which serves again where nothing of it changed.
    // Safe: the library's handles are opaque; nothing reads through them here.
    @safe private struct LatestTensor {
        var object: DeviceHandle
        var address: UInt64
        var offset: UInt64
    }

    private let objects: ArgumentObjects
    private let calls: OperatorCalls
    private let call: ForeignCall
    private var travelling: [(slot: Int, argument: Travelling)] = []
    /// Objects that stay, since the plan fixes them.
    private var kept: [Made] = []
    private var latest: [LatestTensor?] = []
    private var strings: [UnsafeMutablePointer<CChar>] = unsafe []
    /// View offsets that the plan has already, with where the values' part of them is.
    private let plannedOffsets: [(offset: Int64, position: Int)]
    /// Words that travel with a launch.
    let valueCount: Int
    /// Where each tensor is among them.
    let tensorPlaces: [TensorPlace]
    /// All other words.
    let otherPositions: [Int]
    /// Whether an argument is a list of tensors, whose addresses cannot be set one by one.
    let hasTensorList: Bool

    init(_ signature: Signature, calls: OperatorCalls, call: ForeignCall) {
        self.calls = calls
        self.call = call
        objects = ArgumentObjects(calls)
        valueCount = signature.valueCount
        let positions = signature.tensorPositions
        plannedOffsets = zip(signature.tensors, positions).filter { $0.0.offset != 0 }
            .map { ($0.offset, $1 + 1) }
        tensorPlaces = zip(signature.tensors, positions).map { tensor, position in
            TensorPlace(
                position: position, elementBytes: UInt64(elementBytes(ofType: tensor.type)))
        }
        let ofTensors = Set(positions + positions.map { $0 + 1 })
        otherPositions = (0..<signature.valueCount).filter { !ofTensors.contains($0) }
        hasTensorList = signature.items.contains {
            if case .tensorList(_?) = $0 { true } else { false }
        }
        var fields: [Int: [ValueField]] = [:]
        for field in signature.fields { fields[field.place.argument, default: []].append(field) }
        for (slot, item) in signature.items.enumerated() {
            if let found = fields[slot],
                let argument = Self.travelling(item, found, index: latest.count)
            {
                if case .tensor = argument { latest.append(nil) }
                travelling.append((slot, argument))
            } else {
                fix(item, slot)
            }
        }
    }

    deinit {
        for made in kept { _ = unsafe made.destroy(made.object) }
        for tensor in latest { _ = tensor.map { unsafe calls.destroyTensor($0.object) } }
        unsafe strings.forEach { unsafe $0.deallocate() }
    }

    private static func travelling(
        _ item: SignatureItem, _ fields: [ValueField], index: Int
    ) -> Travelling? {
        guard let field = fields.first else { return nil }
        switch item {
        case .tensor(let tensor?):
            return .tensor(tensor, position: field.position, index: index)
        case .tensorList(let list?):
            var next = fields.makeIterator()
            return .tensorList(
                list.map { tensor in
                    guard let tensor, let field = next.next() else { return nil }
                    return (tensor, field.position)
                })
        case .scalar(let scalar?): return .scalar(type: scalar.type, position: field.position)
        case .scalarList(let list?):
            var positions = [Int?](repeating: nil, count: list.count)
            for field in fields {
                if let element = field.place.element { positions[element] = field.position }
            }
            return .scalarList(list, positions: positions)
        case .integers(let values?):
            return .integers(count: values.count, position: field.position)
        case .reals: return .reals(item, field)
        case .booleans: return .booleans(item, field)
        case .integer(_, let letter), .real(_, let letter):
            return .word(letter: letter, position: field.position)
        default: return nil
        }
    }

    /// Makes what does not change, and puts it in its slot.
    private func fix(_ item: SignatureItem, _ slot: Int) {
        switch item {
        case .tensor, .tensorList: unsafe call.set(slot, to: UnsafeRawPointer?.none)
        case .scalar(let scalar):
            unsafe keep(scalar.flatMap(objects.scalar), slot, calls.destroyScalar)
        case .scalarList(let list):
            let made = unsafe list.map {
                unsafe objects.list(ofScalars: $0.map { unsafe $0.flatMap(objects.scalar) })
            }
            unsafe keep(made ?? nil, slot, calls.destroyScalarList)
        case .integers(let values):
            unsafe keep(values.flatMap(objects.integers), slot, calls.destroyIntegers)
        case .booleans(let values):
            unsafe keep(values.flatMap(objects.booleans), slot, calls.destroyBooleans)
        case .reals(let values):
            unsafe keep(values.flatMap(objects.reals), slot, calls.destroyReals)
        case .string(let bytes): unsafe call.set(slot, to: bytes.map(keepString))
        case .integer(let value, _): call.set(slot, to: UInt64(bitPattern: value))
        case .real(let value, let letter): setReal(value, slot, letter)
        }
    }

    private func keep(
        _ object: DeviceHandle?, _ slot: Int, _ destroy: @escaping OperatorCalls.Destroy
    ) {
        if let object = unsafe object { unsafe kept.append(Made(object: object, destroy: destroy)) }
        unsafe call.set(slot, to: UnsafeRawPointer(object))
    }

    private func keepString(_ bytes: [UInt8]) -> UnsafeRawPointer {
        let string = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count + 1)
        for (index, byte) in bytes.enumerated() { unsafe string[index] = CChar(bitPattern: byte) }
        unsafe string[bytes.count] = 0
        unsafe strings.append(string)
        return UnsafeRawPointer(string)
    }

    private func setReal(_ value: Double, _ slot: Int, _ letter: UInt8) {
        if letter == UInt8(ascii: "f") {
            call.set(slot, toFloat: Float(value))
        } else {
            call.set(slot, toDouble: value)
        }
    }

    /// Makes what `values` complete and puts it in its slots; adds what is not a tensor to `made`,
    /// to be destroyed after the launch. There are `valueCount` of them.
    func complete(with values: UnsafeBufferPointer<UInt64>, _ made: inout [Made])
        throws(DeviceError)
    {
        for (offset, position) in plannedOffsets {
            let shift = unsafe Int64(bitPattern: values[position])
            guard !offset.addingReportingOverflow(shift).overflow else {
                throw DeviceError(code: 161_002, message: "a view's offset \(shift) is too large")
            }
        }
        for (slot, argument) in travelling {
            switch argument {
            case .word(let letter, let position): unsafe set(slot, letter, values[position])
            case .tensor(let tensor, let position, let index):
                let object = unsafe latestTensor(index, tensor, values, position)
                unsafe call.set(slot, to: UnsafeRawPointer(object))
            default:
                let (object, destroy) = unsafe object(argument, values)
                unsafe call.set(slot, to: UnsafeRawPointer(object))
                if let object = unsafe object {
                    unsafe made.append(Made(object: object, destroy: destroy))
                }
            }
        }
    }

    private func latestTensor(
        _ index: Int, _ tensor: SignatureTensor, _ values: UnsafeBufferPointer<UInt64>,
        _ position: Int
    ) -> DeviceHandle? {
        let (address, offset) = unsafe (values[position], values[position + 1])
        if let known = latest[index] {
            if known.address == address, known.offset == offset { return unsafe known.object }
            _ = unsafe calls.destroyTensor(known.object)
            latest[index] = nil
        }
        guard let object = unsafe self.tensor(tensor, values, position) else { return nil }
        latest[index] = unsafe LatestTensor(object: object, address: address, offset: offset)
        return unsafe object
    }

    /// Whether the library made every tensor of the latest launch.
    var hasLatestTensors: Bool { !latest.contains { $0 == nil } }

    /// Gives away the tensors of the latest launch, in order.
    func takeLatestTensors() -> [DeviceHandle] {
        defer { for index in latest.indices { latest[index] = nil } }
        return unsafe latest.compactMap { unsafe $0?.object }
    }

    private func set(_ slot: Int, _ letter: UInt8, _ word: UInt64) {
        switch letter {
        case UInt8(ascii: "f"), UInt8(ascii: "d"):
            setReal(Double(bitPattern: word), slot, letter)
        default: call.set(slot, to: word)
        }
    }

    private func object(_ argument: Travelling, _ values: UnsafeBufferPointer<UInt64>)
        -> (DeviceHandle?, OperatorCalls.Destroy)
    {
        switch argument {
        case .tensorList(let list):
            let handles = unsafe list.map { element in
                unsafe element.flatMap { unsafe self.tensor($0.tensor, values, $0.position) }
            }
            return unsafe (objects.list(ofTensors: handles), calls.destroyTensorList)
        case .scalar(let type, let position):
            return unsafe (scalar(type, values, position), calls.destroyScalar)
        case .scalarList(let list, let positions):
            let handles = unsafe zip(list, positions).map { scalar, position -> DeviceHandle? in
                guard let scalar else { return nil }
                if let position { return unsafe self.scalar(scalar.type, values, position) }
                return unsafe objects.scalar(scalar)
            }
            return unsafe (objects.list(ofScalars: handles), calls.destroyScalarList)
        case .integers(let count, let position):
            let words = unsafe UnsafeBufferPointer(rebasing: values[position..<position + count])
            let integers = unsafe words.withMemoryRebound(to: Int64.self) { unsafe Array($0) }
            return unsafe (objects.integers(integers), calls.destroyIntegers)
        case .reals(let item, let field):
            guard case .reals(let reals?) = unsafe whole(item, field, values) else {
                return unsafe (nil, calls.destroyReals)
            }
            return unsafe (objects.reals(reals), calls.destroyReals)
        case .booleans(let item, let field):
            guard case .booleans(let booleans?) = unsafe whole(item, field, values) else {
                return unsafe (nil, calls.destroyBooleans)
            }
            return unsafe (objects.booleans(booleans), calls.destroyBooleans)
        case .tensor, .word: return unsafe (nil, calls.destroyTensor)
        }
    }

    /// An item whose words are unpacked as the wire has it.
    private func whole(
        _ item: SignatureItem, _ field: ValueField, _ values: UnsafeBufferPointer<UInt64>
    ) -> SignatureItem? {
        try? unsafe item.completed(field, by: values.span)
    }

    private func scalar(
        _ type: Int16, _ values: UnsafeBufferPointer<UInt64>, _ position: Int
    ) -> DeviceHandle? {
        unsafe objects.scalar(
            SignatureScalar(type: type, low: values[position], high: values[position + 1]))
    }

    private func tensor(
        _ tensor: SignatureTensor, _ values: UnsafeBufferPointer<UInt64>, _ position: Int
    ) -> DeviceHandle? {
        let shift = unsafe Int64(bitPattern: values[position + 1])
        return unsafe objects.tensor(tensor, at: values[position], offset: tensor.offset &+ shift)
    }
}
