/// What a program has set of what AscendCL keeps for a process or a device. A device serves several
/// programs: each has its own here, and reads that again.
struct ClientSettings {
    /// aclSysParamOpt: of the process, and of a context, which come first.
    private var processOptions: [Int32: Int64] = [:]
    private var contextOptions: [Int32: Int64] = [:]
    /// aclCompileOpt.
    private var compileOptions: [Int32: [UInt8]] = [:]

    /// aclSysParamOpt has three: determinism, debugging, consistency.
    static let optionsEnd: Int32 = 3
    /// More options for the compiler than there are.
    private static let compileOptionsMax = 64

    /// False: there is no such option, or no such value of it.
    mutating func setOption(_ option: Int32, to value: Int64, ofContext: Bool) -> Bool {
        guard (0..<Self.optionsEnd).contains(option), (0...1).contains(value) else { return false }
        if ofContext { contextOptions[option] = value } else { processOptions[option] = value }
        return true
    }

    func option(_ option: Int32, ofContext: Bool) -> Int64 {
        (ofContext ? contextOptions[option] : nil) ?? processOptions[option] ?? 0
    }

    /// What holds for an operation that is prepared now: a bit an option.
    var optionBits: UInt8 {
        if processOptions.isEmpty && contextOptions.isEmpty { return 0 }
        return (0..<Self.optionsEnd).reduce(0) { bits, option in
            self.option(option, ofContext: true) == 0 ? bits : bits | 1 << UInt8(option)
        }
    }

    /// False: there are too many.
    mutating func setCompileOption(_ option: Int32, to text: [UInt8]) -> Bool {
        guard compileOptions[option] != nil || compileOptions.count < Self.compileOptionsMax else {
            return false
        }
        compileOptions[option] = text
        return true
    }

    /// Nil: the program has not set it, and the device library's own holds.
    func compileOption(_ option: Int32) -> [UInt8]? { compileOptions[option] }
}
