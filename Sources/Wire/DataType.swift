/// Bytes of one element of an aclDataType; 0 for types smaller than a byte, strings and unknown
/// ones.
package func elementBytes(ofType type: Int16) -> Int { AclDataType.bits(Int32(type)) / 8 }

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
