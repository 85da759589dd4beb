import Foundation
import SoftwareDevice
import Synchronization
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

    /// Where all tensors have few elements, however long some dimension is, a daemon takes an operation for
    /// a short one and runs it on its loop's own thread.
    @Test(.timeLimit(.minutes(3)))
    func `no operation on few elements takes long`() {
        var random = RepeatableGenerator(state: Self.seed)
        let watch = Watch()
        defer { watch.stop() }
        for name in OperationCatalog.names {
            guard let operation = OperationCatalog.operation(named: name) else { continue }
            for round in 0..<Self.roundsPerOperation {
                var hostile = HostileArguments(random: random, isShort: true)
                let arguments = operation.classes.map { hostile.argument($0) }
                random = hostile.random
                guard refusal(name, arguments) == nil else { continue }
                watch.begin()
                operation.run(arguments)
                let wasLong = watch.end()
                _ = DeviceFault.take()
                #expect(!wasLong, "\(name) takes seconds: seed \(Self.seed), round \(round)")
            }
        }
    }

    @Test func `many draws from many weights do not take as many steps as both together`() {
        let count = 1 << 17
        let weights = HostTensor(.float32, [count], filledWith: 1)
        for replaces in [0, 1] {
            let out = HostTensor(.int64, [count])
            let took = ContinuousClock().measure {
                let arguments: [Argument] = [
                    weights.argument, .integer(Int64(count)), .integer(Int64(replaces)),
                    .integer(1), .integer(0), out.argument,
                ]
                #expect(perform("aclnnMultinomial", arguments))
            }
            #expect(took < .seconds(2))
            let drawn = Set(out.values)
            #expect(drawn.allSatisfy { $0 >= 0 && $0 < Double(count) })
            // Of draws with replacement a share of 1 − 1/e is expected to be different ones.
            let share = Double(drawn.count) / Double(count)
            #expect(replaces == 0 ? share == 1 : abs(share - 0.632) < 0.01, "\(share)")
        }
    }

    @Test func `draws follow the weights`() {
        let weights = HostTensor([0, 1, 0, 3, 0])
        let out = HostTensor(.int64, [10_000])
        let drawing: [Argument] = [
            weights.argument, .integer(10_000), .integer(1), .integer(7), .integer(0), out.argument,
        ]
        #expect(perform("aclnnMultinomial", drawing))
        let threes = out.values.count { $0 == 3 }
        #expect(out.values.allSatisfy { $0 == 1 || $0 == 3 })
        #expect(abs(threes - 7500) < 200)
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

/// Cancels what the calling thread computes when it takes seconds.
private final class Watch: Sendable {
    private let thread = Cancellation.thisThread
    private let begun = Atomic<Int64>(0)
    private let isOver = Atomic<Bool>(false)
    private static let limit: Int64 = 3_000_000_000

    init() {
        Thread.detachNewThread { [self] in
            while !isOver.load(ordering: .relaxed) {
                usleep(100_000)
                let time = begun.load(ordering: .sequentiallyConsistent)
                if time != 0, Self.now() - time > Self.limit { Cancellation.request(thread) }
            }
        }
    }

    func begin() { begun.store(Self.now(), ordering: .sequentiallyConsistent) }

    /// Whether it took too long.
    func end() -> Bool {
        begun.store(0, ordering: .sequentiallyConsistent)
        return Cancellation.takeRequest()
    }

    func stop() { isOver.store(true, ordering: .relaxed) }

    private static func now() -> Int64 {
        Int64(ProcessInfo.processInfo.systemUptime * 1e9)
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

    /// Tensors have few elements.
    private let isShort: Bool
    private static let shortCount = 4096

    init(random: RepeatableGenerator, isShort: Bool = false) {
        self.random = random
        self.isShort = isShort
        shape = Self.shape(&self.random, isShort: isShort)
        type = Self.types.randomElement(using: &self.random) ?? .float32
    }

    private static func shape(_ random: inout RepeatableGenerator, isShort: Bool) -> [Int] {
        var shape = (0..<Int.random(in: 0...4, using: &random)).map { _ in
            extents.randomElement(using: &random) ?? 1
        }
        let count = shape.reduce(1.0) { $0 * Double($1) }
        if isShort, count > Double(shortCount),
            let some = shape.indices.randomElement(using: &random)
        {
            shape[some] = 0
        }
        return shape
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
        var shape = chance(4) ? Self.shape(&random, isShort: isShort) : shape
        if chance(8), !shape.isEmpty, !isShort { shape[0] = 1 }
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
