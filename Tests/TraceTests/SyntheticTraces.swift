import AscendCL
import Trace
import Wire

/// A small table of the functions that the tests call.
let testTable: APITable = {
    var functions: [APIFunction] = []
    func add(
        _ name: String, _ functionClass: FunctionClass, poll: Bool = false, classes: String = "",
        _ parameters: [(Character, String, String)]
    ) {
        functions.append(
            APIFunction(
                id: FunctionID(rawValue: UInt16(functions.count)), name: name,
                library: "libascendcl.so",
                result: name.hasPrefix("aclnn") ? "aclnnStatus" : "aclError",
                functionClass: functionClass, refusal: "", reason: "", isPoll: poll,
                argumentClasses: classes,
                parameters: parameters.map {
                    APIParameter(
                        type: $0.1, name: $0.2, kind: ParameterKind(rawValue: $0.0) ?? .opaque,
                        extent: "")
                }))
    }
    let outs: [(Character, String, String)] = [
        ("o", "uint64_t *", "workspaceSize"), ("o", "aclOpExecutor **", "executor"),
    ]
    let launch: [(Character, String, String)] = [
        ("p", "void *", "workspace"), ("u", "uint64_t", "workspaceSize"),
        ("h", "aclOpExecutor *", "executor"), ("h", "aclrtStream", "stream"),
    ]
    add("aclInit", .handle, [("s", "const char *", "configPath")])
    add("aclrtSetDevice", .handle, [("i", "int32_t", "deviceId")])
    add("aclrtCreateStream", .handle, [("o", "aclrtStream *", "stream")])
    add("aclrtDestroyStream", .handle, [("h", "aclrtStream", "stream")])
    add("aclrtCreateEvent", .handle, [("o", "aclrtEvent *", "event")])
    add(
        "aclrtRecordEvent", .order, [("h", "aclrtEvent", "event"), ("h", "aclrtStream", "stream")])
    add(
        "aclrtQueryEvent", .query, poll: true,
        [("h", "aclrtEvent", "event"), ("o", "int *", "status")])
    add(
        "aclrtMalloc", .memory,
        [
            ("o", "void **", "devPtr"), ("u", "size_t", "size"),
            ("i", "aclrtMemMallocPolicy", "policy"),
        ])
    add("aclrtFree", .memory, [("a", "void *", "devPtr")])
    add(
        "aclrtMemcpyAsync", .enqueue,
        [
            ("a", "void *", "dst"), ("u", "size_t", "destMax"), ("a", "const void *", "src"),
            ("u", "size_t", "count"), ("i", "aclrtMemcpyKind", "kind"),
            ("h", "aclrtStream", "stream"),
        ])
    add("aclrtSynchronizeStream", .wait, [("h", "aclrtStream", "stream")])
    add(
        "aclCreateTensor", .local,
        [
            ("v", "const int64_t *", "viewDims"), ("u", "uint64_t", "viewDimsNum"),
            ("i", "aclDataType", "dataType"), ("a", "void *", "tensorData"),
        ])
    for name in ["Add", "Mul", "Matmul", "Softmax", "Relu"] {
        add(
            "aclnn\(name)GetWorkspaceSize", .local, classes: "TTSTWE",
            [
                ("h", "const aclTensor *", "self"), ("h", "const aclTensor *", "other"),
                ("h", "const aclScalar *", "alpha"), ("h", "aclTensor *", "out"),
            ] + outs)
        add("aclnn\(name)", .enqueue, launch)
    }
    for name in ["Gelu", "Silu"] {
        add(
            "aclnn\(name)GetWorkspaceSize", .local, classes: "TTWE",
            [("h", "const aclTensor *", "self"), ("h", "aclTensor *", "out")] + outs)
        add("aclnn\(name)", .enqueue, launch)
        add(
            "aclnn\(name)BackwardGetWorkspaceSize", .local, classes: "TTTWE",
            [
                ("h", "const aclTensor *", "gradOutput"), ("h", "const aclTensor *", "self"),
                ("h", "aclTensor *", "gradInput"),
            ] + outs)
        add("aclnn\(name)Backward", .enqueue, launch)
    }
    return APITable(functions: functions)
}()

/// SplitMix64: the same numbers for the same seed, everywhere.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// Spells `fx_item`s.
enum Encoded {
    static func tensor(_ shape: [Int64], type: Int16 = 0, offset: Int64 = 0) -> [UInt8] {
        var strides = [Int64](repeating: 1, count: shape.count)
        for index in shape.indices.dropLast().reversed() {
            strides[index] = strides[index + 1] * shape[index + 1]
        }
        var bytes: [UInt8] = [
            UInt8(ascii: "T"), 0, UInt8(shape.count), UInt8(shape.count), UInt8(type), 0, 2, 0,
            0, 0, 0, 0, 0, 0, 0, 0,
        ]
        for value in shape + strides + [offset] + shape { bytes += words([value]) }
        return bytes
    }

    static func scalar(_ value: Float) -> [UInt8] {
        [UInt8(ascii: "S"), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
            + words([Int64(value.bitPattern), 0])
    }

    static func words(_ values: [Int64]) -> [UInt8] {
        values.flatMap { value in
            (0..<8).map { UInt8(truncatingIfNeeded: value >> (Int64($0) * 8)) }
        }
    }
}

/// Makes the events of a program, call by call.
struct SyntheticProgram {
    var events: [TraceEvent] = []
    var time: Nanoseconds = 1_000_000
    /// Added to every handle and address.
    var base: UInt64 = 0x12_4000_0000
    var client = ClientID(rawValue: 1)
    var withOperations = true
    private var sequences: [UInt32: UInt32] = [:]
    private var operations: [UInt64: UInt64] = [:]
    private var signatures: [[UInt8]: UInt32] = [:]

    init(name: String = "train.py", pid: Int32 = 4242, base: UInt64 = 0x12_4000_0000) {
        self.base = base
        events.append(
            .client(
                ClientEvent(
                    time: time, client: client, what: .attached, pid: pid, name: name,
                    mode: "route",
                    labels: ["tenant": "a"])))
    }

    func function(_ name: String) -> FunctionID {
        testTable.function(named: name)?.id ?? FunctionID(rawValue: 999)
    }

    mutating func call(
        _ name: String, _ words: [UInt64] = [], bytes: [UInt8] = [], thread: UInt32 = 100,
        stream: UInt64 = 0, duration: Nanoseconds = 700, result: Int32 = 0
    ) {
        time += 900
        sequences[thread, default: 0] += 1
        events.append(
            .call(
                CallEvent(
                    time: time, durationNanoseconds: duration, client: client, thread: thread,
                    sequence: sequences[thread, default: 0], function: function(name),
                    result: result,
                    stream: stream, words: words, bytes: bytes)))
    }

    mutating func kernel(
        _ name: String, _ encoded: [UInt8], _ addresses: [UInt64], thread: UInt32 = 100,
        stream: UInt64 = 0x1_0000_0001, phase: Phase = .decode
    ) {
        time += 900
        let key = encoded + Array(name.utf8)
        let known = signatures[key]
        let signature = known ?? UInt32(signatures.count + 1)
        if known == nil {
            signatures[key] = signature
            events.append(
                .signature(
                    SignatureEvent(
                        time: time, client: client, signature: signature, function: function(name),
                        encoded: encoded)))
        }
        sequences[thread, default: 0] += 1
        events.append(
            .call(
                CallEvent(
                    time: time, durationNanoseconds: 400, client: client, thread: thread,
                    sequence: sequences[thread, default: 0], function: function(name), result: 0,
                    stream: stream, words: [], signature: signature,
                    values: addresses.flatMap { [$0 &+ base, 0] })))
        guard withOperations else { return }
        operations[stream, default: 0] += 1
        events.append(
            .operation(
                OperationEvent(
                    time: time + 800, client: client, stream: stream, device: DeviceID(rawValue: 0),
                    function: function(name), sequence: operations[stream, default: 0],
                    phase: phase,
                    phaseSource: .shape, queuedAt: time, readyAt: time + 100,
                    dispatchedAt: time + 200, startedAt: time + 250, finishedAt: time + 750,
                    policyLoad: 1, policyLine: 42, result: 0)))
    }
}

/// A loop of kernels as a training step has it.
func trainingProgram(
    steps: Int, layers: Int, activation: String = "Gelu", base: UInt64 = 0x12_4000_0000,
    width: Int64 = 128, scalar: Float = 1
) -> SyntheticProgram {
    var program = SyntheticProgram(base: base)
    program.call("aclrtSetDevice", [0])
    program.call("aclrtCreateStream", [base + 7])
    program.call("aclrtMalloc", [base, 1 << 30, 0])
    let tensor = Encoded.tensor([32, width])
    let three = tensor + tensor + Encoded.scalar(scalar) + tensor
    for _ in 0..<steps {
        for layer in 0..<layers {
            let at = UInt64(layer) << 16
            program.kernel("aclnnMatmul", three, [at, at + 512, at + 1024])
            program.kernel("aclnnAdd", three, [at + 1024, at + 512, at + 1536])
            program.kernel("aclnn\(activation)", tensor + tensor, [at + 1536, at + 2048])
            program.kernel("aclnnSoftmax", three, [at + 2048, at + 512, at + 4096])
        }
        for layer in (0..<layers).reversed() {
            let at = UInt64(layer) << 16
            program.kernel("aclnnMul", three, [at, at + 512, at + 1024])
            program.kernel(
                "aclnn\(activation)Backward", tensor + tensor + tensor,
                [at + 512, at + 1536, at + 2048])
        }
        program.call("aclrtSynchronizeStream", [base + 7], stream: base + 7)
    }
    return program
}

/// Writes events into a trace in memory.
func written(
    _ events: [TraceEvent], environment: [String: String] = ["soc": "Ascend910B2"]
) throws(TraceError) -> MemoryTrace {
    let memory = MemoryTrace()
    let writer = try TraceWriter(
        sink: memory, table: testTable,
        clock: TraceClock(wallOffsetNanoseconds: 1_700_000_000_000_000_000),
        environment: environment)
    for event in events { try writer.append(event) }
    try writer.close()
    return memory
}
