package import Wire

/// What a policy is given of the process around it.
package struct LuaEnvironment: Sendable {
    /// Name of an AscendCL function, as `name(op)` answers it.
    package var functionName: @Sendable (FunctionID) -> String
    /// Text of a file in the policy's own folder, by the name that `require` was given (without
    /// `.lua`), or nil where there is none. Throws why it cannot be read.
    package var moduleSource: @Sendable (String) throws -> String?
    /// Seed of `math.random`: equal seeds, equal numbers.
    package var seed: UInt64
    package var limits: LuaLimits

    package init(
        functionName: @escaping @Sendable (FunctionID) -> String = { "function\($0.rawValue)" },
        moduleSource: @escaping @Sendable (String) throws -> String? = { _ in nil },
        seed: UInt64 = 1, limits: LuaLimits = LuaLimits()
    ) {
        self.functionName = functionName
        self.moduleSource = moduleSource
        self.seed = seed
        self.limits = limits
    }
}

/// Bounds of one policy.
package struct LuaLimits: Sendable, Equatable {
    /// Instructions of one call: this decides, so that a replay is exact.
    package var callInstructions: Int64 = 10_000
    package var openInstructions: Int64 = 2_000_000
    /// Thread CPU time of one call: the backstop, for instructions that are dear.
    package var callNanoseconds: Nanoseconds = 200_000
    package var openNanoseconds: Nanoseconds = 50_000_000
    package var memoryBytes: Int64 = 8 << 20
    /// Live allocations, which a collection may have to visit.
    package var blocks: Int64 = 32_768

    package init() {}
}
