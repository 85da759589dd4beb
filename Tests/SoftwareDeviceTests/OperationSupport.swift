import SoftwareDevice

/// aclDataTypes that the tests use.
enum DataType: Int32, CaseIterable {
    case float32 = 0
    case float16 = 1
    case int8 = 2
    case int32 = 3
    case uint8 = 4
    case int16 = 6
    case int64 = 9
    case float64 = 11
    case bool = 12
    case bfloat16 = 27

    var bytes: Int {
        switch self {
        case .int8, .uint8, .bool: 1
        case .float16, .bfloat16, .int16: 2
        case .float32, .int32: 4
        case .float64, .int64: 8
        }
    }

    func store(_ value: Double, _ place: UnsafeMutableRawPointer) {
        switch self {
        case .float32: place.storeBytes(of: Float(value), as: Float.self)
        case .float16: place.storeBytes(of: Float16(value), as: Float16.self)
        case .float64: place.storeBytes(of: value, as: Double.self)
        case .bfloat16:
            let bits = UInt16(Float(value).bitPattern >> 16)
            place.storeBytes(of: bits, as: UInt16.self)
        case .int8: place.storeBytes(of: Int8(value), as: Int8.self)
        case .uint8: place.storeBytes(of: UInt8(value), as: UInt8.self)
        case .int16: place.storeBytes(of: Int16(value), as: Int16.self)
        case .int32: place.storeBytes(of: Int32(value), as: Int32.self)
        case .int64: place.storeBytes(of: Int64(value), as: Int64.self)
        case .bool: place.storeBytes(of: value == 0 ? 0 : 1, as: UInt8.self)
        }
    }

    func load(_ place: UnsafeRawPointer) -> Double {
        switch self {
        case .float32: Double(place.loadUnaligned(as: Float.self))
        case .float16: Double(place.loadUnaligned(as: Float16.self))
        case .float64: place.loadUnaligned(as: Double.self)
        case .bfloat16:
            Double(Float(bitPattern: UInt32(place.loadUnaligned(as: UInt16.self)) << 16))
        case .int8: Double(place.loadUnaligned(as: Int8.self))
        case .uint8, .bool: Double(place.loadUnaligned(as: UInt8.self))
        case .int16: Double(place.loadUnaligned(as: Int16.self))
        case .int32: Double(place.loadUnaligned(as: Int32.self))
        case .int64: Double(place.loadUnaligned(as: Int64.self))
        }
    }
}

/// Memory of a tensor with a view of it. The memory is never freed: an object may end after its
/// last use, while an argument still points there.
final class HostTensor {
    let memory: UnsafeMutableRawPointer
    let type: DataType
    let shape: [Int]
    let strides: [Int]
    let offset: Int

    /// Contiguous, with these values.
    convenience init(_ values: [Double], _ type: DataType = .float32, _ shape: [Int]? = nil) {
        let shape = shape ?? [values.count]
        self.init(type, shape, Self.contiguous(shape), 0, elements: values.count)
        for (index, value) in values.enumerated() {
            type.store(value, memory + index * type.bytes)
        }
    }

    /// Contiguous, all of one value.
    convenience init(_ type: DataType, _ shape: [Int], filledWith value: Double = 0) {
        self.init([Double](repeating: value, count: shape.reduce(1, *)), type, shape)
    }

    init(_ type: DataType, _ shape: [Int], _ strides: [Int], _ offset: Int, elements: Int) {
        self.type = type
        self.shape = shape
        self.strides = strides
        self.offset = offset
        memory = .allocate(byteCount: max(1, elements) * type.bytes, alignment: 64)
    }

    static func contiguous(_ shape: [Int]) -> [Int] {
        var strides = [Int](repeating: 1, count: shape.count)
        for d in stride(from: shape.count - 2, through: 0, by: -1) {
            strides[d] = strides[d + 1] * shape[d + 1]
        }
        return strides
    }

    var argument: Argument { .tensor(tensor) }

    var tensor: TensorArgument { view(shape, strides, offset) }

    /// Another view of the same memory.
    func view(_ shape: [Int], _ strides: [Int], _ offset: Int = 0) -> TensorArgument {
        TensorArgument(
            storage: memory, type: type.rawValue, shape: shape, strides: strides, offset: offset,
            storageShape: shape, format: 2)
    }

    /// The memory from its start, as numbers.
    var values: [Double] {
        (0..<shape.reduce(1, *)).map { type.load(memory + $0 * type.bytes) }
    }
}

/// A scalar argument.
func scalar(_ value: Double) -> Argument {
    .scalar(ScalarArgument(type: DataType.float64.rawValue, bytes: (value.bitPattern, 0)))
}

func scalar(_ value: Int) -> Argument {
    let bits = UInt64(bitPattern: Int64(value))
    return .scalar(ScalarArgument(type: DataType.int64.rawValue, bytes: (bits, 0)))
}

/// What phase one refuses with; nil where it accepts.
func refusal(_ name: String, _ arguments: [Argument]) -> OperationRefusal? {
    guard let operation = OperationCatalog.operation(named: name) else {
        return OperationRefusal(status: -1, message: "\(name) is not in the catalog")
    }
    do throws(OperationRefusal) {
        try operation.check(arguments)
        return nil
    } catch {
        return error
    }
}

/// Both phases; whether phase one accepted.
func perform(_ name: String, _ arguments: [Argument]) -> Bool {
    guard refusal(name, arguments) == nil, let operation = OperationCatalog.operation(named: name)
    else { return false }
    operation.run(arguments)
    return true
}

/// Numbers in −2…2 that are the same in every run.
func numbers(_ count: Int, seed: UInt64 = 1) -> [Double] {
    var state = seed &* 0x9E37_79B9_7F4A_7C15
    return (0..<count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Double(Float(state >> 40) / Float(1 << 24) * 4 - 2)
    }
}

/// Whether all pairs differ by at most the tolerance.
func close(_ a: [Double], _ b: [Double], _ tolerance: Double = 1e-5) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= tolerance * max(1, abs($1)) }
}
