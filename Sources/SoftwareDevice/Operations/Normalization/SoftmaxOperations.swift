/// Softmax and its logarithm along a dimension, with gradients.
enum SoftmaxOperations {
    static let all: [Operation] = unsafe [
        forward("aclnnSoftmax", softmaxLine), forward("aclnnLogSoftmax", logSoftmaxLine),
        backward("aclnnSoftmaxBackward", softmaxGradientLine),
        backward("aclnnLogSoftmaxBackward", logSoftmaxGradientLine),
    ]

    typealias ForwardLine =
        @Sendable (_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int) ->
        Void
    typealias BackwardLine =
        @Sendable (
            _ gradient: UnsafePointer<Float>, _ y: UnsafePointer<Float>,
            _ result: UnsafeMutablePointer<Float>, _ count: Int
        ) -> Void

    private static func forward(_ name: String, _ line: @escaping ForwardLine) -> Operation {
        .define(
            name, "TiT", "self:f dim out:f",
            check: { (arguments) throws(OperationRefusal) in
                try arguments.requireSameShape(2, as: 0)
                _ = try arguments.requireDimension(1, of: 0)
            },
            run: { arguments in
                let (input, output) = (arguments.tensor(0), arguments.tensor(2))
                let dimension = arguments.dimension(1, of: input)
                let count = input.shape[dimension]
                let (from, to) = (input.byteStride(dimension), output.byteStride(dimension))
                var lines = Lines(of: input, along: dimension)
                lines.append(output, along: dimension)
                unsafe withScratch(Float.self, count: 2 * count) { buffer in
                    unsafe lines.forEach { places in
                        let x = unsafe readLine(
                            input.type, places[0], stride: from, count: count, buffer)
                        let y =
                            unsafe isDirect(output.type, to, Float.self)
                            ? places[1].assumingMemoryBound(to: Float.self) : buffer + count
                        unsafe line(x, y, count)
                        unsafe writeLine(output.type, y, count: count, places[1], stride: to)
                    }
                }
            })
    }

    private static func backward(_ name: String, _ line: @escaping BackwardLine) -> Operation {
        .define(
            name, "TTiT", "gradOutput:f output:f dim out:f",
            check: { (arguments) throws(OperationRefusal) in
                try arguments.requireSameShape(0, as: 1)
                try arguments.requireSameShape(3, as: 1)
                _ = try arguments.requireDimension(2, of: 1)
            },
            run: { arguments in
                let (gradient, output) = (arguments.tensor(0), arguments.tensor(1))
                let result = arguments.tensor(3)
                let dimension = arguments.dimension(2, of: output)
                let count = output.shape[dimension]
                let strides = (
                    gradient.byteStride(dimension), output.byteStride(dimension),
                    result.byteStride(dimension)
                )
                var lines = Lines(of: gradient, along: dimension)
                lines.append(output, along: dimension)
                lines.append(result, along: dimension)
                unsafe withScratch(Float.self, count: 3 * count) { buffer in
                    unsafe lines.forEach { places in
                        let g = unsafe readLine(
                            gradient.type, places[0], stride: strides.0, count: count, buffer)
                        let y = unsafe readLine(
                            output.type, places[1], stride: strides.1, count: count, buffer + count)
                        let target =
                            unsafe isDirect(result.type, strides.2, Float.self)
                            ? places[2].assumingMemoryBound(to: Float.self) : buffer + 2 * count
                        unsafe line(g, y, target, count)
                        unsafe writeLine(
                            result.type, target, count: count, places[2], stride: strides.2)
                    }
                }
            })
    }
}

@Sendable
private func softmaxLine(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int)
{
    let sum = unsafe rowExponentials(x, count, shift: rowMaximum(x, count), into: y)
    unsafe rowScale(y, count, by: 1 / sum, into: y)
}

@Sendable
private func logSoftmaxLine(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int
) {
    let largest = unsafe rowMaximum(x, count)
    let sum = unsafe rowExponentialSum(x, count, shift: largest)
    let logarithm = singleLog(sum)
    let shifts = Single8(repeating: largest)
    let logarithms = Single8(repeating: logarithm)
    let lanes = unsafe Lanes(out: y, a: x, b: x, c: x, count: count, s: 0, t: 0, u: 0)
    lanes.vector { $0 - shifts - logarithms }
}

/// The sum of exp(x − shift).
private func rowExponentialSum(_ x: UnsafePointer<Float>, _ count: Int, shift: Float) -> Float {
    let shifts = Single8(repeating: shift)
    var lanes = Single8(repeating: 0)
    var i = 0
    while i &+ 8 <= count {
        unsafe lanes += vectorExp(load8(x + i) - shifts)
        i &+= 8
    }
    if i < count {
        let value = unsafe vectorExp(loadPart(x + i, count &- i) - shifts)
        for k in 0..<count &- i { lanes[k] += value[k] }
    }
    return lanes.sum()
}

/// y · (g − Σ g·y).
@Sendable
private func softmaxGradientLine(
    _ g: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ result: UnsafeMutablePointer<Float>,
    _ count: Int
) {
    let sum = unsafe Single8(repeating: rowDot(g, y, count))
    let lanes = unsafe Lanes(out: result, a: g, b: y, c: y, count: count, s: 0, t: 0, u: 0)
    lanes.vector { (g: Single8, y: Single8) in y * (g - sum) }
}

/// g − exp(y) · Σ g.
@Sendable
private func logSoftmaxGradientLine(
    _ g: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ result: UnsafeMutablePointer<Float>,
    _ count: Int
) {
    let sum = unsafe Single8(repeating: rowSum(g, count))
    let lanes = unsafe Lanes(out: result, a: g, b: y, c: y, count: count, s: 0, t: 0, u: 0)
    lanes.vector { (g: Single8, y: Single8) in g - vectorExp(y) * sum }
}
