import SoftwareDevice
import Testing

/// An operation is given numbers that no program would mean. Phase one refuses them, or phase two
/// computes within its tensors; neither ends the process.
@Suite struct WildArgumentTests {
    private static let seed: UInt64 = 20_261_121
    private static let roundsPerOperation = 400

    @Test func `no operation ends the process, whatever its numbers are`() {
        var random = RepeatableGenerator(state: Self.seed)
        var accepted = 0
        for name in OperationCatalog.names {
            guard let operation = OperationCatalog.operation(named: name) else { continue }
            for _ in 0..<Self.roundsPerOperation {
                var wild = WildArguments(random: random)
                let arguments = operation.classes.map { wild.argument($0) }
                random = wild.random
                guard refusal(name, arguments) == nil else { continue }
                accepted += 1
                operation.run(arguments)
                // What it found in its data is kept for the thread, and would be another test's.
                _ = DeviceFault.take()
                wild.expectUntouched("\(name), seed \(Self.seed)")
            }
        }
        #expect(accepted > 500, "only \(accepted) lists of arguments were accepted")
    }
}

/// Arguments at random: tensors small and honest, everything else anything at all.
private struct WildArguments {
    var random: RepeatableGenerator
    private var guarded: [GuardedTensor] = []
    /// One shape for most tensors of an operation, so that checks of shapes are passed.
    private let shape: [Int]
    private let type: DataType

    private static let shapes = [[2, 3], [4], [], [0], [1, 1], [2, 3, 4], [1, 2, 3, 4]]
    private static let types: [DataType] = [.float32, .float32, .int64, .int32, .bool, .float16]
    private static let integers: [Int64] = [
        0, 1, 2, -1, -2, 3, .max, .min, .max - 1, .min + 1, 1 << 31, 1 << 32, 1 << 40, -(1 << 40),
        1 << 62, -(1 << 62),
    ]
    private static let reals: [Double] = [
        0, 1, -1, 0.5, .infinity, -.infinity, .nan, 1e300, -1e300, 1e-300, 9.3e18, -9.3e18,
    ]

    init(random: RepeatableGenerator) {
        self.random = random
        shape = Self.shapes.randomElement(using: &self.random) ?? []
        type = Self.types.randomElement(using: &self.random) ?? .float32
    }

    mutating func argument(_ letter: Character) -> Argument {
        switch letter {
        case "T": .tensor(chance(20) ? nil : tensor())
        case "L": .tensorList(chance(20) ? nil : (0..<count(4)).map { _ in tensor() })
        case "S": .scalar(chance(20) ? nil : scalar())
        case "C": .scalarList(chance(20) ? nil : (0..<count(4)).map { _ in scalar() })
        case "I": .integers(chance(20) ? nil : (0..<count(6)).map { _ in integer() })
        case "B": .booleans(chance(20) ? nil : (0..<count(4)).map { _ in chance(2) })
        case "G": .reals(chance(20) ? nil : (0..<count(4)).map { _ in Float(real()) })
        case "s":
            .string(
                chance(20)
                    ? nil : ["none", "mean", "tanh", "BSH", ""].randomElement(using: &random))
        case "f", "d": .real(real())
        default: .integer(integer())
        }
    }

    /// What an operation must not touch is as it was.
    func expectUntouched(_ what: String) {
        for tensor in guarded { #expect(tensor.isIntact, "\(what) wrote outside of a tensor") }
    }

    private mutating func tensor() -> TensorArgument {
        let shape = chance(6) ? Self.shapes.randomElement(using: &random) ?? [] : shape
        let type = chance(6) ? Self.types.randomElement(using: &random) ?? .float32 : type
        let tensor = GuardedTensor(type, shape)
        guarded.append(tensor)
        return tensor.argument
    }

    private mutating func scalar() -> ScalarArgument {
        chance(2)
            ? ScalarArgument(
                type: DataType.float64.rawValue, bytes: (real().bitPattern, 0))
            : ScalarArgument(
                type: DataType.int64.rawValue, bytes: (UInt64(bitPattern: integer()), 0))
    }

    private mutating func integer() -> Int64 {
        // Small ones more often: they pass.
        chance(2)
            ? Int64.random(in: -3...4, using: &random)
            : Self.integers.randomElement(using: &random) ?? 0
    }

    private mutating func real() -> Double { Self.reals.randomElement(using: &random) ?? 0 }
    private mutating func count(_ most: Int) -> Int { Int.random(in: 0...most, using: &random) }
    private mutating func chance(_ one: Int) -> Bool {
        Int.random(in: 0..<one, using: &random) == 0
    }
}

/// A tensor with memory around it that nobody may write.
private final class GuardedTensor {
    private static let guardBytes = 4096
    private let memory: UnsafeMutableRawPointer
    private let bytes: Int
    let argument: TensorArgument

    init(_ type: DataType, _ shape: [Int]) {
        bytes = max(1, shape.reduce(1, *)) * type.bytes
        memory = .allocate(byteCount: bytes + 2 * Self.guardBytes, alignment: 64)
        memory.initializeMemory(as: UInt8.self, repeating: 0xA5, count: bytes + 2 * Self.guardBytes)
        let start = memory + Self.guardBytes
        start.initializeMemory(as: UInt8.self, repeating: 1, count: bytes)
        argument = TensorArgument(
            storage: start, type: type.rawValue, shape: shape,
            strides: HostTensor.contiguous(shape), offset: 0, storageShape: shape, format: 2)
    }

    var isIntact: Bool {
        let all = UnsafeRawBufferPointer(start: memory, count: bytes + 2 * Self.guardBytes)
        return all[..<Self.guardBytes].allSatisfy { $0 == 0xA5 }
            && all[(Self.guardBytes + bytes)...].allSatisfy { $0 == 0xA5 }
    }

    deinit { memory.deallocate() }
}
