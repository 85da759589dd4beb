/// A question to the device library: a function whose arguments are integers, strings and
/// out-parameters.
///
/// `shape` has one letter a parameter: i an integer, h a handle, s a string, 4 an out-parameter of
/// 32 bits, 8 one of 64 bits, b a byte buffer that is filled (its size follows in `bufferBytes`), l
/// an out-parameter that is pointed to 32-bit values of the library's own, as many as the next
/// out-parameter says: they are the answer's bytes.
package struct QueryShape: Sendable, Equatable {
    package var letters: String
    package var bufferBytes: Int
    /// The function returns its answer (a size) and not an error code.
    package var returnsValue: Bool
    package init(_ letters: String, bufferBytes: Int = 0, returnsValue: Bool = false) {
        self.letters = letters
        self.bufferBytes = bufferBytes
        self.returnsValue = returnsValue
    }
}

/// What the device library answered.
package struct QueryAnswer: Sendable {
    package var status: Int32
    package var words: [UInt64]
    package var bytes: [UInt8]
    package init(status: Int32, words: [UInt64], bytes: [UInt8]) {
        self.status = status
        self.words = words
        self.bytes = bytes
    }
}

/// One in-argument of a query.
package enum QueryArgument: Sendable, Equatable {
    case word(UInt64)
    /// A stream by its number: the device library gets its handle.
    case stream(UInt32)
    case string([UInt8])
}

extension OperatorLibrary {
    /// Asks; throws where the device library has no such function.
    package func query(_ name: String, _ shape: QueryShape, _ arguments: [QueryArgument])
        throws(DeviceError) -> QueryAnswer
    {
        let letters = Array(shape.letters.utf8)
        guard let function = unsafe address(of: name),
            let call = unsafe ForeignCall(
                function: function, letters: letters.map { _ in UInt8(ascii: "i") })
        else {
            throw DeviceError(
                code: 200_006, message: "\(name): the device library has no such function")
        }
        let outs = UnsafeMutablePointer<UInt64>.allocate(capacity: max(1, letters.count))
        unsafe outs.initialize(repeating: 0, count: max(1, letters.count))
        let buffer = UnsafeMutablePointer<UInt8>.allocate(capacity: max(1, shape.bufferBytes))
        unsafe buffer.initialize(repeating: 0, count: max(1, shape.bufferBytes))
        var strings: [UnsafeMutablePointer<UInt8>] = unsafe []
        defer {
            unsafe outs.deallocate()
            unsafe buffer.deallocate()
            unsafe strings.forEach { unsafe $0.deallocate() }
        }
        var next = arguments.makeIterator()
        for (index, letter) in letters.enumerated() {
            switch letter {
            case UInt8(ascii: "4"), UInt8(ascii: "8"), UInt8(ascii: "l"):
                unsafe call.set(index, to: UnsafeRawPointer(outs + index))
            case UInt8(ascii: "b"): unsafe call.set(index, to: UnsafeRawPointer(buffer))
            default:
                switch next.next() {
                case .word(let word): call.set(index, to: word)
                case .stream(let number):
                    throw DeviceError(
                        code: 107_003, message: "\(name): no stream \(number) here")
                case .string(let bytes):
                    let string = unsafe terminated(bytes)
                    unsafe strings.append(string)
                    unsafe call.set(index, to: UnsafeRawPointer(string))
                case nil: call.set(index, to: 0)
                }
            }
        }
        let result = unsafe call.call()
        let words = letters.enumerated().compactMap { index, letter -> UInt64? in
            switch letter {
            case UInt8(ascii: "4"):
                unsafe UInt64(bitPattern: Int64(Int32(truncatingIfNeeded: outs[index])))
            case UInt8(ascii: "8"): unsafe outs[index]
            default: nil
            }
        }
        if let list = letters.firstIndex(of: UInt8(ascii: "l")), result == 0 {
            return unsafe QueryAnswer(status: 0, words: words, bytes: Self.list(at: outs + list))
        }
        let bytes = unsafe Array(UnsafeBufferPointer(start: buffer, count: shape.bufferBytes))
        if shape.returnsValue {
            return QueryAnswer(status: 0, words: [UInt64(UInt32(bitPattern: result))], bytes: bytes)
        }
        return QueryAnswer(status: result, words: words, bytes: bytes)
    }

    /// The 32-bit values that an out-parameter points to; the next one counts them.
    private static func list(at out: UnsafePointer<UInt64>) -> [UInt8] {
        guard let values = unsafe UnsafeRawPointer(bitPattern: UInt(out[0])) else { return [] }
        let count = unsafe Int(min(out[1], 256))
        return unsafe Array(UnsafeRawBufferPointer(start: values, count: count * 4))
    }

    private func terminated(_ bytes: [UInt8]) -> UnsafeMutablePointer<UInt8> {
        let string = UnsafeMutablePointer<UInt8>.allocate(capacity: bytes.count + 1)
        for (index, byte) in bytes.enumerated() { unsafe string[index] = byte }
        unsafe string[bytes.count] = 0
        return unsafe string
    }
}
