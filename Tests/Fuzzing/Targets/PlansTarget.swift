import AscendCL
import CWire
import Device
import Wire

/// The arguments of an operation: its name up to a NUL, two bytes that count the plan's, the plan,
/// then the values, to which zeros are added.
///
/// The plan is decoded and completed, taken by a core that launches it, and checked by the software
/// device's phase one.
enum PlansTarget {
    /// What the device library checks with; set up once.
    private struct Checker {
        let operators: OperatorLibrary
        let runtime: AscendRuntime

        init() throws {
            let library = try DeviceLibrary(path: BuiltProducts.deviceLibrary)
            runtime = try AscendRuntime(library: library, runInline: true)
            try runtime.select(0)
            operators = try OperatorLibrary(library: library)
        }
    }

    private static let phaseOnes = APITable.standard.functions.filter {
        !$0.argumentClasses.isEmpty
    }
    // One thread runs the targets.
    nonisolated(unsafe) private static let checker = Result { try Checker() }

    static func run(_ input: [UInt8]) throws -> String? {
        var choices = Choices(input)
        let function = function(named: choices.slice(until: 0))
        let encoded = choices.slice(Int(choices.number(bytes: 2)))
        var values: [UInt64] = []
        while !choices.isOver, values.count < 512 { values.append(choices.number(bytes: 8)) }
        guard let signature = try? SignatureDecoder.decode(encoded) else {
            return try launch(function, encoded, values)
        }
        values += [UInt64](repeating: 0, count: max(0, signature.valueCount - values.count))
        values.removeLast(values.count - signature.valueCount)
        if let broken = complete(signature, values) { return broken }
        try check(function, signature, values)
        return try launch(function, encoded, values)
    }

    /// The phase one of that name; any other bytes are one too.
    private static func function(named name: [UInt8]) -> APIFunction {
        let wanted = String(decoding: name, as: UTF8.self) + "GetWorkspaceSize"
        if let found = APITable.standard.function(named: wanted), !found.argumentClasses.isEmpty {
            return found
        }
        let number = name.reduce(UInt(0)) { $0 &* 31 &+ UInt($1) }
        return phaseOnes[Int(number % UInt(phaseOnes.count))]
    }

    private static func complete(_ signature: Signature, _ values: [UInt64]) -> String? {
        guard let whole = try? signature.completed(by: values.span) else { return nil }
        if whole.items.count != signature.items.count { return "completing loses arguments" }
        for tensor in whole.tensors {
            guard let range = tensor.touchedBytes else { continue }
            if range.first > range.end { return "a tensor ends before it begins" }
            _ = tensor.touchedBytes(shiftedBy: 1)
        }
        return nil
    }

    private static func check(
        _ function: APIFunction, _ signature: Signature, _ values: [UInt64]
    ) throws {
        let operators = try checker.get().operators
        guard let kernel = try? operators.prepareKernel(function, signature) else { return }
        _ = values.withUnsafeBufferPointer { try? kernel.check($0) }
    }

    /// What fits the ring of the program's double, twice.
    private static let launchedValuesMax = 2048

    /// As a program's plan, and a launch of it.
    private static func launch(_ function: APIFunction, _ encoded: [UInt8], _ values: [UInt64])
        throws -> String?
    {
        guard values.count <= launchedValuesMax, encoded.count <= 8 * launchedValuesMax else {
            return nil
        }
        let world = try FuzzWorld()
        let program = world.hostile.program
        let id = UInt64(function.id.rawValue)
        let asked = program.ask(Int(FX_VERB_PLAN), [3, id] + values, bytes: encoded)
        world.bench.settle()
        if program.answer(to: asked) == nil { return "a plan is never answered" }
        program.launch(3, values, stream: world.hostile.stream)
        world.bench.settle()
        world.finishWork()
        return world.close()
    }
}
