import AscendCL
import Wire

/// A call that stands for all calls of its symbol, so that they can be described.
struct CallSample {
    var call: CallEvent
    /// The signature's arguments, for a kernel.
    var encoded: [UInt8]
}

/// Numbers for what calls say: equal calls of the traces that are compared have the same number.
///
/// A call's symbol leaves out who it is about (handles, addresses, threads) and when it was.
final class SymbolTable {
    private(set) var functions: [FunctionPlan] = []
    private(set) var samples: [CallSample] = []
    /// The function of each symbol, as an index of `functions`.
    private(set) var functionOfSymbol: [UInt32] = []
    private var functionIndices: [String: Int] = [:]
    private var keys: [UInt64]
    private var values: [UInt32]

    init() {
        keys = [UInt64](repeating: 0, count: 1024)
        values = [UInt32](repeating: .max, count: 1024)
    }

    /// The index of the function with that name.
    func function(_ name: String, in table: APITable) -> Int {
        if let known = functionIndices[name] { return known }
        let plan = FunctionPlan(name: name, function: table.function(named: name), in: table)
        functions.append(plan)
        functionIndices[name] = functions.count - 1
        return functions.count - 1
    }

    /// The symbol with that hash, if it is known.
    func find(_ hash: UInt64) -> UInt32? {
        var slot = Int(truncatingIfNeeded: hash) & (keys.count - 1)
        while values[slot] != .max {
            if keys[slot] == hash { return values[slot] }
            slot = (slot + 1) & (keys.count - 1)
        }
        return nil
    }

    /// Makes the symbol of a hash that is not known yet.
    func insert(_ hash: UInt64, function: Int, _ sample: CallSample) -> UInt32 {
        let made = UInt32(samples.count)
        samples.append(sample)
        functionOfSymbol.append(UInt32(function))
        place(hash, made)
        if samples.count * 2 > keys.count { grow() }
        return made
    }

    private func place(_ hash: UInt64, _ symbol: UInt32) {
        var slot = Int(truncatingIfNeeded: hash) & (keys.count - 1)
        while values[slot] != .max { slot = (slot + 1) & (keys.count - 1) }
        keys[slot] = hash
        values[slot] = symbol
    }

    private func grow() {
        let old = zip(keys, values).filter { $0.1 != .max }
        keys = [UInt64](repeating: 0, count: keys.count * 2)
        values = [UInt32](repeating: .max, count: keys.count)
        for (key, value) in old { place(key, value) }
    }
}

/// How the calls of a function are compared.
struct FunctionPlan {
    /// What a word of the call means for the comparison.
    enum Role {
        /// Part of what the call says.
        case value
        /// A string, bytes or an array: what it points to is part of what the call says.
        case span
        /// Who the call is about; 0 is nobody.
        case handle
        case address
        /// A handle that the call made, or an address that it allocated.
        case newHandle
        case newAddress
        /// An answer, which may differ from run to run.
        case answer
    }

    let name: String
    let hash: UInt64
    let isPoll: Bool
    /// Made in preparation of others: descriptors and the like.
    let isHelper: Bool
    /// The result says how the call went.
    let isStatus: Bool
    let roles: [Role]
    let function: APIFunction?
    /// The parameters of its signature.
    let signatureParameters: [APIParameter]
    let frees: Bool
    /// Gives back what it is about: in what order that happens says nothing.
    let releases: Bool
    /// The 64-bit result, after the parameters, is a handle that the call made.
    let returnsHandle: Bool
    /// The word that has an allocation's bytes.
    let sizeWord: Int?

    init(name: String, function: APIFunction?, in table: APITable) {
        self.name = name
        self.function = function
        hash = Mixing.hash(Array(name.utf8)[...])
        isPoll = function?.isPoll ?? false
        isHelper = function?.functionClass == .local
        isStatus = function.map { Self.isStatus($0.result) } ?? true
        roles = function?.parameters.map { Self.role($0, of: name) } ?? []
        signatureParameters = function.map { SignatureText.parameters(of: $0, in: table) } ?? []
        frees = name.hasPrefix("aclrtFree")
        releases = frees || name.contains("Destroy")
        returnsHandle = function?.result.contains("*") ?? false
        sizeWord =
            name.hasPrefix("aclrtMalloc")
            ? function?.parameters.firstIndex { $0.name == "size" } : nil
    }

    private static func isStatus(_ type: String) -> Bool {
        ["Error", "Status", "Result"].contains { type.hasSuffix($0) } || type == "int"
            || type == "int32_t"
    }

    private static func role(_ parameter: APIParameter, of function: String) -> Role {
        switch parameter.kind {
        case .boolean, .float: return .value
        case .integer, .unsigned:
            let names = ["threadId", "tid", "pid", "rangeId"]
            return names.contains(parameter.name)
                || (function.hasPrefix("mstx") && parameter.name == "id") ? .handle : .value
        case .string, .bytes, .array: return .span
        case .handle:
            // What is waited for is a record, not the event that a pool lends for it.
            return function == "aclrtRecordEvent" && parameter.name == "event"
                ? .newHandle : .handle
        case .structure: return .handle
        case .address, .opaque: return .address
        case .out:
            if function.hasPrefix("aclrtMalloc") { return .newAddress }
            return isHandle(parameter.type) ? .newHandle : .answer
        }
    }

    /// An out-parameter of that type is given a handle, not a number.
    private static func isHandle(_ type: String) -> Bool {
        let kinds = [
            "**", "Stream", "Event", "Context", "Notify", "Label", "Executor", "Comm", "Handle",
        ]
        return kinds.contains { type.contains($0) } && !type.contains("Status")
    }
}
