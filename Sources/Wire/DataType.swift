/// Bytes of one element of an aclDataType; 0 for types smaller than a byte, strings and unknown
/// ones.
///
/// The values are AscendCL's (`ACL_FLOAT` 0, `ACL_FLOAT16` 1 …).
package func elementBytes(ofType type: Int16) -> Int {
    switch type {
    case 0, 3, 8: 4  // float, int32, uint32
    case 1, 6, 7, 27: 2  // float16, int16, uint16, bfloat16
    case 2, 4, 12: 1  // int8, uint8, bool
    case 9, 10, 11, 16: 8  // int64, uint64, double, complex64
    case 17: 16  // complex128
    case 33: 4  // complex32
    case 34, 35, 36, 37: 1  // the float8 family
    default: 0
    }
}

extension SignatureTensor {
    /// The bytes from the tensor's address that its view can touch, as (first, past the last); nil
    /// when it is empty or its numbers overflow. Types of less than a byte count as one.
    package var touchedBytes: (first: Int64, end: Int64)? {
        guard shape.count == strides.count, !shape.contains(where: { $0 <= 0 }) else { return nil }
        var low = offset
        var high = offset
        for (extent, stride) in zip(shape, strides) {
            let (span, overflow) = (extent - 1).multipliedReportingOverflow(by: stride)
            guard !overflow else { return nil }
            let (sum, over) =
                span < 0 ? low.addingReportingOverflow(span) : high.addingReportingOverflow(span)
            guard !over else { return nil }
            if span < 0 { low = sum } else { high = sum }
        }
        let size = Int64(max(1, elementBytes(ofType: type)))
        let (first, a) = low.multipliedReportingOverflow(by: size)
        let (last, b) = high.multipliedReportingOverflow(by: size)
        guard !a, !b, last <= .max - size else { return nil }
        return (first, last + size)
    }

    /// Whether the numbers make no sense: more strides than dimensions, a negative extent, an
    /// overflow.
    package var isMalformed: Bool {
        if shape.count != strides.count || shape.contains(where: { $0 < 0 }) { return true }
        return !shape.contains(0) && touchedBytes == nil
    }
}
