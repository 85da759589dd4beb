import SoftwareDevice
import Testing

/// Tensors of any shape over a few bytes: extents and strides that no program would mean. Phase one
/// refuses what it must, and ends the process never; phase two stops when it is told to, however much
/// there would be to do.
@Suite(.serialized) struct HostileShapeTests {
    private static let seed: UInt64 = 20_261_207
    private static let roundsPerOperation = 150

    @Test(.timeLimit(.minutes(3)))
    func `no shape ends the process, and no operation goes on when it is cancelled`() {
        var random = RepeatableGenerator(state: Self.seed)
        var accepted: Set<String> = []
        for name in OperationCatalog.names {
            guard let operation = OperationCatalog.operation(named: name) else { continue }
            for round in 0..<Self.roundsPerOperation {
                var hostile = HostileArguments(random: random)
                let arguments = operation.classes.map { hostile.argument($0) }
                random = hostile.random
                guard refusal(name, arguments) == nil else { continue }
                accepted.insert(name)
                let took = ContinuousClock().measure {
                    Cancellation.request(Cancellation.thisThread)
                    operation.run(arguments)
                }
                #expect(Cancellation.takeRequest())
                _ = DeviceFault.take()
                #expect(
                    took < .seconds(1),
                    "\(name) goes on for \(took): seed \(Self.seed), round \(round)")
            }
        }
        #expect(accepted.count > 100, "only \(accepted.count) operations took such tensors")
    }

    @Test func `a tensor larger than any memory is refused by name`() {
        for shape in [
            [1 << 41], [4, 1 << 62 | 1], [1 << 21, 1 << 21], [Int.max], [1, Int.max, 2],
        ] {
            let tensor = TensorArgument(
                storage: HostTensor([1]).memory, type: 0, shape: shape,
                strides: shape.map { _ in 0 }, offset: 0, storageShape: [1], format: 2)
            let refused = refusal("aclnnInplaceZero", [.tensor(tensor)])
            #expect(refused?.status == Code.aclnnInvalid, "\(shape)")
            #expect(refused?.message.contains("selfRef") == true, "\(shape)")
        }
        for stride in [Int.max, Int.min, 1 << 40, -(1 << 41)] {
            let tensor = TensorArgument(
                storage: HostTensor([1]).memory, type: 0, shape: [2], strides: [stride], offset: 0,
                storageShape: [1], format: 2)
            #expect(refusal("aclnnInplaceZero", [.tensor(tensor)]) != nil, "stride \(stride)")
        }
    }

    @Test func `sizes of attributes that overflow are refused by name`() {
        let mask = HostTensor(.uint8, [16])
        let seeds: [Argument] = [.real(0.5), .integer(1), .integer(2)]
        let generate = refusal(
            "aclnnDropoutGenMaskV2",
            [.integers([.max])] + seeds + [.integer(0), mask.argument])
        #expect(generate?.status == Code.aclnnInvalid)
        #expect(generate?.message.contains("shape") == true)
        let line = HostTensor([1, 2, 3])
        let pad = refusal(
            "aclnnConstantPadNd",
            [line.argument, .integers([0, .min]), scalar(0), line.argument])
        #expect(pad?.status == Code.aclnnInvalid)
        #expect(pad?.message.contains("pad") == true)
    }

    @Test func `what needs more memory than there may be is a fault of the operation`() {
        let one = HostTensor([1])
        let wide = one.view([1 << 36], [0])
        #expect(
            perform(
                "aclnnInplaceBernoulli", [.tensor(wide), scalar(0.5), .integer(1), .integer(1)]))
        #expect(DeviceFault.take()?.contains("memory") == true)
    }

    @Test func `a product in pieces is the product`() {
        // So deep that some rows alone are worth a piece.
        let (rows, depth, columns) = (130, 1 << 14, 1 << 12)
        let row = HostTensor(numbers(depth), .float32, [depth])
        let column = HostTensor(numbers(columns, seed: 2), .float32, [columns])
        let out = HostTensor(.float32, [rows, columns])
        let a = row.view([rows, depth], [0, 1])
        let b = column.view([depth, columns], [0, 1])
        #expect(perform("aclnnMm", [.tensor(a), .tensor(b), out.argument, .integer(0)]))
        let sum = row.values.reduce(0, +)
        let (values, wanted) = (out.values, column.values.map { $0 * sum })
        for index in [0, 64, 127, 128, 129] {
            let line = Array(values[index * columns..<(index + 1) * columns])
            #expect(close(line, wanted, 1e-2), "row \(index)")
        }
    }
}

/// Arguments at random: tensors of any shape that lie in a few bytes, numbers small and honest or not.
private struct HostileArguments {
    var random: RepeatableGenerator
    private let shape: [Int]
    private let type: DataType

    private static let extents = [
        0, 1, 1, 2, 3, 4, 8, 1 << 20, 1 << 31, 1 << 32, 1 << 33, 1 << 39, 1 << 40, 1 << 41, 1 << 62,
        .max,
    ]
    private static let numbers: [Int64] = [0, 1, 2, -1, 3, 8, 1 << 31, 1 << 40, .max, .min]
    private static let types: [DataType] = [.float32, .float32, .int64, .int32, .bool, .float16]

    init(random: RepeatableGenerator) {
        self.random = random
        shape = Self.shape(&self.random)
        type = Self.types.randomElement(using: &self.random) ?? .float32
    }

    private static func shape(_ random: inout RepeatableGenerator) -> [Int] {
        (0..<Int.random(in: 0...4, using: &random)).map { _ in
            extents.randomElement(using: &random) ?? 1
        }
    }

    mutating func argument(_ letter: Character) -> Argument {
        switch letter {
        case "T": .tensor(chance(20) ? nil : tensor())
        case "L": .tensorList((0..<Int.random(in: 0...3, using: &random)).map { _ in tensor() })
        case "S": chance(2) ? scalar(Int(integer())) : scalar(0.5)
        case "C":
            .scalarList(
                (0..<3).map { _ in
                    ScalarArgument(type: DataType.int64.rawValue, bytes: (UInt64(1), 0))
                })
        case "I":
            .integers(
                chance(2)
                    ? shape.map(Int64.init)
                    : (0..<Int.random(in: 0...4, using: &random)).map { _ in integer() })
        case "B": .booleans([true, true, true])
        case "G": .reals([1, 2])
        case "s": .string(["BSH", "BNSD", "BSND", "none"].randomElement(using: &random))
        case "f", "d": .real([0, 0.5, 1].randomElement(using: &random) ?? 0)
        default: .integer(integer())
        }
    }

    /// All of it lies in one element: its strides are 0. One of honest size may have honest ones.
    private mutating func tensor() -> TensorArgument {
        var shape = chance(4) ? Self.shape(&random) : shape
        if chance(8), !shape.isEmpty { shape[0] = 1 }
        let type = chance(6) ? Self.types.randomElement(using: &random) ?? .float32 : type
        let isSmall =
            shape.reduce(1) { $0.multipliedReportingOverflow(by: $1).partialValue } <= 256
            && shape.allSatisfy { $0 <= 8 }
        let strides = isSmall ? HostTensor.contiguous(shape) : shape.map { _ in 0 }
        return TensorArgument(
            storage: Self.memory, type: type.rawValue, shape: shape, strides: strides, offset: 0,
            storageShape: [1], format: 2)
    }

    private nonisolated(unsafe) static let memory: UnsafeMutableRawPointer = {  // These tests' own.
        let memory = UnsafeMutableRawPointer.allocate(byteCount: 1 << 16, alignment: 64)
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: 1 << 16)
        return memory
    }()

    private mutating func integer() -> Int64 {
        chance(2)
            ? Int64.random(in: -2...4, using: &random)
            : Self.numbers.randomElement(using: &random) ?? 0
    }

    private mutating func chance(_ one: Int) -> Bool {
        Int.random(in: 0..<one, using: &random) == 0
    }
}
