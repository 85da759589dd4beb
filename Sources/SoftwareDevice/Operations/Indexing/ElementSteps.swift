/// How one element changes another, for the operations that write by index.
enum ElementStep: Int {
    case replace = 0
    case add = 1
    case multiply = 2

    /// Combines an element of type `type` at `source` into the one at `target`.
    @inline(__always)
    func apply(
        _ type: ElementType, _ source: UnsafeMutableRawPointer, to target: UnsafeMutableRawPointer
    ) {
        switch self {
        case .replace: unsafe target.copyMemory(from: source, byteCount: type.bytes)
        case .add: unsafe combine(type, source, target, { $0 + $1 }, { $0 + $1 }, { $0 &+ $1 })
        case .multiply: unsafe combine(type, source, target, { $0 * $1 }, { $0 * $1 }, { $0 &* $1 })
        }
    }

    @inline(__always)
    private func combine(
        _ type: ElementType, _ source: UnsafeMutableRawPointer, _ target: UnsafeMutableRawPointer,
        _ single: (Float, Float) -> Float, _ double: (Double, Double) -> Double,
        _ integer: (Int64, Int64) -> Int64
    ) {
        switch type.arithmetic {
        case .single:
            let value = unsafe single(
                loadElement(type, target, as: Float.self), loadElement(type, source, as: Float.self)
            )
            unsafe storeElement(type, value, into: target)
        case .double:
            let value = unsafe double(
                loadElement(type, target, as: Double.self),
                loadElement(type, source, as: Double.self))
            unsafe storeElement(type, value, into: target)
        case .integer:
            let value = unsafe integer(
                loadElement(type, target, as: Int64.self), loadElement(type, source, as: Int64.self)
            )
            unsafe storeElement(type, value, into: target)
        }
    }
}

/// An index as a program gives it: negative ones count from the end; nil, and a fault, if it is out
/// of bounds.
@inline(__always)
func boundedIndex(_ index: Int64, _ extent: Int) -> Int? {
    let found = index < 0 ? Int(index) &+ extent : Int(index)
    if found >= 0 && found < extent { return found }
    DeviceFault.report("index \(index) of extent \(extent)")
    return nil
}
