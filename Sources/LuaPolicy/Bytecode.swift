/// The global names that compiled Lua mentions, with their lines.
///
/// Read from the bytecode that Lua 5.4 writes of a function that it has just compiled (`lua_dump`),
/// so that scopes, upvalues and shadowed names are exactly the compiler's. Anything that does not
/// look as expected ends the reading: then fewer names are checked, nothing more.
struct GlobalUse: Equatable {
    var name: String
    /// A field that is read of the global at once, as in `string.upper`.
    var field: String?
    var line: Int
    var isAssigned: Bool
}

struct BytecodeReader {
    private let bytes: [UInt8]
    private var position = 0
    private(set) var uses: [GlobalUse] = []

    private struct Malformed: Error {}

    /// Opcodes of Lua 5.4 that name globals.
    private enum Opcode {
        static let getTableOfUpvalue: UInt32 = 11
        static let getField: UInt32 = 14
        static let setTableOfUpvalue: UInt32 = 15
    }

    /// Reads what `lua_dump` wrote.
    static func globals(of bytes: [UInt8]) -> [GlobalUse] {
        var reader = BytecodeReader(bytes)
        try? reader.readChunk()
        return reader.uses.sorted { $0.line < $1.line }
    }

    private init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    // MARK: Primitives

    private mutating func byte() throws -> UInt8 {
        guard position < bytes.count else { throw Malformed() }
        defer { position += 1 }
        return bytes[position]
    }

    private mutating func skip(_ count: Int) throws {
        guard count >= 0, count <= bytes.count - position else { throw Malformed() }
        position += count
    }

    /// Seven bits a byte, the highest first; the last byte has its top bit set.
    private mutating func size() throws -> Int {
        var value = 0
        while true {
            let next = try byte()
            guard value < 1 << 40 else { throw Malformed() }
            value = value << 7 | Int(next & 0x7f)
            if next & 0x80 != 0 { return value }
        }
    }

    private mutating func count() throws -> Int {
        let count = try size()
        guard count <= bytes.count else { throw Malformed() }
        return count
    }

    private mutating func string() throws -> String? {
        let size = try size()
        guard size > 0 else { return nil }
        let start = position
        try skip(size - 1)
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func instruction() throws -> UInt32 {
        var word: UInt32 = 0
        for shift in stride(from: UInt32(0), to: 32, by: 8) { word |= UInt32(try byte()) << shift }
        return word
    }

    // MARK: Structure

    private mutating func readChunk() throws {
        let signature: [UInt8] = [0x1b, 0x4c, 0x75, 0x61, 0x54, 0]
        for expected in signature where try byte() != expected { throw Malformed() }
        try skip(6)  // bytes that a transfer as text would change
        let sizes: [UInt8] = [4, 8, 8]  // of an instruction, an integer and a float
        for expected in sizes where try byte() != expected { throw Malformed() }
        try skip(16 + 1)  // an integer and a float as examples; the number of upvalues
        try readFunction()
    }

    private mutating func readFunction() throws {
        _ = try string()
        let firstLine = try size()
        _ = try size()
        try skip(3)  // parameters, variable arguments, registers
        var code: [UInt32] = []
        for _ in 0..<(try count()) { code.append(try instruction()) }
        let constants = try readConstants()
        try skip(3 * (try count()))  // where its upvalues come from
        for _ in 0..<(try count()) { try readFunction() }
        let lines = try readLines(from: firstLine)
        for _ in 0..<(try count()) {  // local variables
            _ = try string()
            _ = try size()
            _ = try size()
        }
        var upvalues: [String?] = []
        for _ in 0..<(try count()) { upvalues.append(try string()) }
        collect(code, constants: constants, lines: lines, upvalues: upvalues)
    }

    private mutating func readConstants() throws -> [String?] {
        var constants: [String?] = []
        for _ in 0..<(try count()) {
            switch try byte() {
            case 0x00, 0x01, 0x11: constants.append(nil)  // nil, false, true
            case 0x03, 0x13:  // integer, float
                try skip(8)
                constants.append(nil)
            case 0x04, 0x14: constants.append(try string())  // short and long strings
            default: throw Malformed()
            }
        }
        return constants
    }

    /// A line for each instruction: differences, with absolute lines where those do not fit a byte.
    private mutating func readLines(from firstLine: Int) throws -> [Int] {
        var differences: [Int8] = []
        for _ in 0..<(try count()) { differences.append(Int8(bitPattern: try byte())) }
        var absolute: [Int] = []
        for _ in 0..<(try count()) {
            _ = try size()
            absolute.append(try size())
        }
        var line = firstLine
        var next = 0
        return differences.map { difference in
            if difference == .min, next < absolute.count {
                line = absolute[next]
                next += 1
            } else {
                line += Int(difference)
            }
            return line
        }
    }

    private mutating func collect(
        _ code: [UInt32], constants: [String?], lines: [Int], upvalues: [String?]
    ) {
        func text(_ index: UInt32) -> String? {
            Int(index) < constants.count ? constants[Int(index)] : nil
        }
        func isEnvironment(_ index: UInt32) -> Bool {
            Int(index) < upvalues.count && upvalues[Int(index)] == "_ENV"
        }
        for (at, word) in code.enumerated() {
            let (a, b, c) = (word >> 7 & 0xff, word >> 16 & 0xff, word >> 24)
            let line = at < lines.count ? lines[at] : 0
            if word & 0x7f == Opcode.getTableOfUpvalue, isEnvironment(b), let name = text(c) {
                var use = GlobalUse(name: name, line: line, isAssigned: false)
                if at + 1 < code.count, code[at + 1] & 0x7f == Opcode.getField,
                    code[at + 1] >> 16 & 0xff == a
                {
                    use.field = text(code[at + 1] >> 24)
                }
                uses.append(use)
            } else if word & 0x7f == Opcode.setTableOfUpvalue, isEnvironment(a), let name = text(b)
            {
                uses.append(GlobalUse(name: name, line: line, isAssigned: true))
            }
        }
    }
}
