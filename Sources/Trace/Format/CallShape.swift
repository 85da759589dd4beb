/// The fields that every call begins with, in one of twelve forms.
struct CallCommon: Equatable {
    /// Bytes of the duration: 2, 4 or 8.
    var durationBytes = 2
    var hasFlags = false
    /// Bytes of the result: 1 or 4.
    var resultBytes = 1

    init() {}

    init(duration: Int64, flags: UInt8, result: Int32) {
        let unsigned = UInt64(bitPattern: duration)
        durationBytes = unsigned < 1 << 16 ? 2 : unsigned < 1 << 32 ? 4 : 8
        hasFlags = flags != 0
        resultBytes = result == Int32(Int8(truncatingIfNeeded: result)) ? 1 : 4
    }

    /// 0 to 11.
    var code: UInt64 {
        (durationBytes == 2 ? 0 : durationBytes == 4 ? 1 : 2) * 4
            + (hasFlags ? 2 : 0) + (resultBytes == 1 ? 0 : 1)
    }

    var structure: String {
        "call_\(durationBytes * 8)_\(resultBytes * 8)\(hasFlags ? "_flags" : "")"
    }

    static var all: [CallCommon] {
        var found: [CallCommon] = []
        for duration in [2, 4, 8] {
            for result in [1, 4] {
                for flags in [false, true] {
                    var common = CallCommon()
                    common.durationBytes = duration
                    common.resultBytes = result
                    common.hasFlags = flags
                    found.append(common)
                }
            }
        }
        return found
    }

    var definition: String {
        "struct \(structure) { u8 _thread; u8 _sequence; u8 _stream; "
            + "u\(durationBytes * 8) _duration; " + (hasFlags ? "x8 _flags; " : "")
            + "i\(resultBytes * 8) _result; };\n"
    }
}

/// A kernel's fields, in one of six forms. Of a launch's values the addresses are told in order, and
/// those others that are not 0 with their places.
struct KernelShape: Equatable {
    /// 2 or 4: signature ids below 65,536 and up to 255 addresses, or any.
    var signatureBytes: Int
    /// 4 (the lower half; the upper one was told by `addresses`), 6 or 8.
    var addressBytes: Int
    /// Traces of version 1 have addresses alone.
    var hasValues = true

    var countBytes: Int { signatureBytes / 2 }
    var code: UInt64 {
        (signatureBytes == 2 ? 0 : 3) + (addressBytes == 4 ? 0 : addressBytes == 6 ? 1 : 2)
    }
    var structure: String {
        "kernel_\(signatureBytes * 8)_\(addressBytes * 8)\(hasValues ? "_values" : "")"
    }
    var definition: String {
        "struct \(structure) { u\(signatureBytes * 8) _signature; u\(countBytes * 8) count; "
            + "x\(addressBytes * 8) _addresses[count]; u8 value_count; u8 _places[value_count]; "
            + "x64 _values[value_count]; };\n"
    }

    /// Those of a name that only traces of version 1 have.
    static var earlier: [KernelShape] {
        all.map { shape in
            var found = shape
            found.hasValues = false
            return found
        }
    }

    static var all: [KernelShape] {
        [2, 4].flatMap { signature in
            [4, 6, 8].map { KernelShape(signatureBytes: signature, addressBytes: $0) }
        }
    }
}

/// The fields of an operation's life. Times are given backwards from the event's own.
struct OperationEventShape: Equatable {
    /// Bytes of held, waited and launched: 2, 4 or 8.
    var waitBytes: Int
    /// Bytes of ran: 2, 4 or 8.
    var runBytes: Int
    /// Bytes of noticed: 1, 4 or 8.
    var noticeBytes: Int
    /// Device, policy load, line, result and cores in 1, 1, 2, 1 and 1 bytes, else 4 each.
    var isNarrow: Bool
    /// Traces of version 1 do not tell the cores.
    var hasCores = true

    var code: UInt64 {
        let widths = [waitBytes, runBytes, noticeBytes].map { UInt64($0.trailingZeroBitCount) }
        return widths[0] << 5 | widths[1] << 3 | widths[2] << 1 | (isNarrow ? 1 : 0)
    }
    var structure: String {
        "operation_\(waitBytes * 8)_\(runBytes * 8)_\(noticeBytes * 8)"
            + "\(isNarrow ? "" : "_wide")\(hasCores ? "_cores" : "")"
    }
    var definition: String {
        let detail =
            isNarrow
            ? "i8 _device; u8 _policy; u16 _line; i8 _result; u8 _cores; "
            : "i32 _device; u32 _policy; u32 _line; i32 _result; u32 _cores; "
        let wait = "u\(waitBytes * 8)"
        return "struct \(structure) { u8 _stream; u8 _sequence; enum phase _phase; "
            + "enum phase_source _phase_source; \(detail)\(wait) _held; \(wait) _waited; "
            + "\(wait) _launched; u\(runBytes * 8) _ran; u\(noticeBytes * 8) _noticed; };\n"
    }
    /// Bytes of the whole.
    var bytes: Int {
        let detail = isNarrow ? (hasCores ? 6 : 5) : (hasCores ? 20 : 16)
        return 3 + detail + 3 * waitBytes + runBytes + noticeBytes
    }

    /// Those of a name that traces of version 1 have too.
    static var earlier: [OperationEventShape] {
        all.map { shape in
            var found = shape
            found.hasCores = false
            return found
        }
    }

    static var all: [OperationEventShape] {
        var found: [OperationEventShape] = []
        for narrow in [true, false] {
            for wait in [2, 4] {
                for run in [2, 4] {
                    for notice in [1, 4] {
                        found.append(
                            OperationEventShape(
                                waitBytes: wait, runBytes: run, noticeBytes: notice,
                                isNarrow: narrow))
                    }
                }
            }
        }
        found.append(
            OperationEventShape(waitBytes: 8, runBytes: 8, noticeBytes: 8, isNarrow: false))
        return found
    }
}
