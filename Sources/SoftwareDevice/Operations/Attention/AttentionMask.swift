/// What is added to attention scores and what is left out of them.
struct AttentionMask {
    /// Added before scaling; broadcasts to [batch, heads, queries, keys].
    private let shift: TensorView?
    /// Not 0: left out.
    private let mask: TensorView?
    /// Keys from `row + first` to `row + last` take part.
    private let first: Int
    private let last: Int
    private let isBanded: Bool
    private let scale: Float
    private let keys: Int

    /// nil if the shapes or the mode are not supported.
    init?(
        _ shape: AttentionShape, shift: TensorView?, mask: TensorView?, scale: Double, mode: Int,
        before: Int, after: Int
    ) {
        let whole = [shape.batches, shape.heads, shape.queryLength, shape.keyLength]
        let target = unsafe TensorView(base: shape.query.base, type: .float32, shape: whole)
        if let shift, !shift.broadcasts(to: target) { return nil }
        self.shift = shift?.broadcasting(to: target)
        self.scale = Float(scale)
        keys = shape.keyLength
        let distance = shape.keyLength - shape.queryLength
        let far = 1 << 40
        let (before, after) = (max(-far, min(before, far)), max(-far, min(after, far)))
        var band: (first: Int, last: Int)?
        var usesMask = false
        switch mode {
        case 0:
            usesMask = true
            if mask != nil { band = (-before, after) }
        case 1: usesMask = true
        case 2: band = (-far, 0)
        case 3: band = (-far, distance)
        case 4: band = (distance - before, distance + after)
        default: return nil
        }
        // Modes 2 to 4 come with a triangle of fixed size that only says what the mode says.
        if usesMask, let mask {
            guard mask.broadcasts(to: target) else { return nil }
            self.mask = mask.broadcasting(to: target)
        } else {
            self.mask = nil
        }
        (first, last) = band ?? (-far, far)
        isBanded = band != nil && (first > -shape.queryLength + 1 || last < shape.keyLength - 1)
    }

    /// Makes raw products of `count` query rows into scores; `buffer` holds one row.
    func apply(
        _ scores: UnsafeMutablePointer<Float>, batch: Int, head: Int, start: Int, count: Int,
        _ buffer: UnsafeMutablePointer<Float>
    ) {
        let shiftRows = shift.map { MaskRows($0.plane(batch, head)) }
        let maskRows = mask.map { MaskRows($0.plane(batch, head)) }
        for index in 0..<count {
            let row = start + index
            let line = unsafe scores + index * keys
            if let shiftRows { unsafe addShift(shiftRows, row, line, buffer) }
            unsafe rowScale(line, keys, by: scale, into: line)
            if let maskRows { unsafe leaveOut(maskRows, row, line, buffer) }
            if isBanded { unsafe leaveOutBand(row, line) }
        }
    }

    private func addShift(
        _ rows: MaskRows, _ row: Int, _ line: UnsafeMutablePointer<Float>,
        _ buffer: UnsafeMutablePointer<Float>
    ) {
        let added = unsafe readLine(
            rows.type, rows.base + row &* rows.down, stride: rows.across, count: keys, buffer)
        let lanes = unsafe Lanes(
            out: line, a: UnsafePointer(line), b: UnsafePointer(added), c: UnsafePointer(line),
            count: keys, s: 0, t: 0, u: 0)
        lanes.vector { (x: Single8, y: Single8) in x + y }
    }

    private func leaveOut(
        _ rows: MaskRows, _ row: Int, _ line: UnsafeMutablePointer<Float>,
        _ buffer: UnsafeMutablePointer<Float>
    ) {
        let place = unsafe rows.base + row &* rows.down
        if rows.type.bytes == 1 && rows.across == 1 {
            let bytes = unsafe place.assumingMemoryBound(to: UInt8.self)
            for i in 0..<keys { unsafe line[i] = unsafe bytes[i] != 0 ? -.infinity : line[i] }
            return
        }
        unsafe loadRun(rows.type, place, stride: rows.across, count: keys, into: buffer)
        for i in 0..<keys { unsafe line[i] = unsafe buffer[i] != 0 ? -.infinity : line[i] }
    }

    private func leaveOutBand(_ row: Int, _ line: UnsafeMutablePointer<Float>) {
        let begin = max(0, min(keys, row &+ first))
        let end = max(begin, min(keys, row &+ last &+ 1))
        for i in 0..<begin { unsafe line[i] = -.infinity }
        for i in end..<keys { unsafe line[i] = -.infinity }
    }
}

/// A plane of a mask, by row.
// Safe to hold: its plane outlives it, and rows are within the plane that `check` accepted.
@safe private struct MaskRows {
    let base: UnsafeMutableRawPointer
    let type: ElementType
    /// Bytes from row to row and within a row.
    let down: Int
    let across: Int

    init(_ plane: TensorView) {
        unsafe base = plane.base
        type = plane.type
        down = plane.byteStride(0)
        across = plane.byteStride(1)
    }
}

/// One bit for each score, lowest bit of a byte first: 1 keeps it.
// Safe to hold: its tensor outlives it.
@safe struct DropMask {
    let bits: UnsafePointer<UInt8>
    let scale: Float

    /// nil if nothing is dropped.
    init?(_ view: TensorView?, keepProbability: Double) {
        guard let view, view.count > 0, keepProbability < 1 else { return nil }
        unsafe bits = UnsafePointer(view.base.assumingMemoryBound(to: UInt8.self))
        scale = keepProbability > 0 ? Float(1 / keepProbability) : 0
    }

    /// Drops of a row whose first score is number `start` of all.
    func apply(_ line: UnsafeMutablePointer<Float>, start: Int, count: Int) {
        for i in 0..<count {
            let place = start &+ i
            let keeps = unsafe bits[place >> 3] >> UInt8(place & 7) & 1
            unsafe line[i] = keeps == 0 ? 0 : line[i] * scale
        }
    }
}
