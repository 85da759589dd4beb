import CLuaBridge
import Scheduling
import Wire

/// The options of a policy: what it declares, and the values that hold now.
struct OptionTable {
    private(set) var options: [PolicyOption]
    private let types: [Int32]

    /// Reads what the policy declares.
    init(of state: OpaquePointer) {
        let indices = unsafe 0..<fxl_option_count(state)
        types = indices.map { unsafe fxl_option_type(state, $0) }
        options = indices.map { index in
            let standard = unsafe String(cString: fxl_option_standard(state, index))
            var bound = 0.0
            return unsafe PolicyOption(
                key: String(cString: fxl_option_key(state, index)), value: standard,
                standard: standard,
                minimum: fxl_option_minimum(state, index, &bound) ? bound : nil,
                maximum: fxl_option_maximum(state, index, &bound) ? bound : nil,
                doc: String(cString: fxl_option_doc(state, index)).printable)
        }
    }

    /// A value that fits an option, not yet in force.
    struct Change {
        enum Value { case number(Double), boolean(Bool), text(String) }
        let index: Int
        let value: Value
        /// As `policy show` prints it.
        let text: String

        func apply(to state: OpaquePointer, now: Nanoseconds) -> Int32 {
            switch value {
            case .number(let number): unsafe fxl_set_number(state, UInt32(index), number, now)
            case .boolean(let boolean): unsafe fxl_set_boolean(state, UInt32(index), boolean, now)
            case .text(let text): unsafe fxl_set_text(state, UInt32(index), text, now)
            }
        }
    }

    func change(of key: String, to value: String) throws(PolicyOptionError) -> Change {
        guard let index = options.firstIndex(where: { $0.key == key }) else {
            let known = options.map(\.key).joined(separator: ", ")
            throw PolicyOptionError(
                known.isEmpty
                    ? "no option \(key): this policy has none"
                    : "no option \(key); there are: \(known)")
        }
        switch types[index] {
        case Int32(FXL_OPTION_INTEGER):
            guard let number = Int64(value) else {
                throw PolicyOptionError("option \(key) takes a whole number, not \(value)")
            }
            try check(Double(number), against: options[index])
            return Change(index: index, value: .number(Double(number)), text: value)
        case Int32(FXL_OPTION_NUMBER):
            guard let number = Double(value), number.isFinite else {
                throw PolicyOptionError("option \(key) takes a number, not \(value)")
            }
            try check(number, against: options[index])
            return Change(index: index, value: .number(number), text: value)
        case Int32(FXL_OPTION_BOOLEAN):
            guard let boolean = Bool(value) else {
                throw PolicyOptionError("option \(key) takes true or false, not \(value)")
            }
            return Change(index: index, value: .boolean(boolean), text: value)
        default:
            guard value.utf8.count < 128, value == value.printable, !value.contains("\t") else {
                throw PolicyOptionError(
                    "option \(key) takes at most 127 bytes of text without control characters")
            }
            return Change(index: index, value: .text(value), text: value)
        }
    }

    private func check(_ number: Double, against option: PolicyOption) throws(PolicyOptionError) {
        // A double holds whole numbers up to 2^53; no option of a scheduler is larger.
        let low = max(option.minimum ?? -0x1p53, -0x1p53)
        let high = min(option.maximum ?? 0x1p53, 0x1p53)
        guard low <= number, number <= high else {
            throw PolicyOptionError(
                "option \(option.key) takes \(Self.text(low)) to \(Self.text(high)), "
                    + "not \(Self.text(number))")
        }
    }

    private static func text(_ number: Double) -> String {
        Int64(exactly: number).map(String.init) ?? String(number)
    }

    mutating func accept(_ change: Change) {
        options[change.index].value = change.text
    }
}
