// Runs of elements at a constant distance, read into and written from the type that is computed in.

/// Reads `count` elements, `stride` bytes apart.
func loadRun<C: Computable>(
    _ type: ElementType, _ source: UnsafeRawPointer, stride: Int, count: Int,
    into target: UnsafeMutablePointer<C>
) {
    switch type {
    case .float32: load(Float.self, source, stride, count, target)
    case .float16: load(Half.self, source, stride, count, target)
    case .bfloat16: load(BrainFloat.self, source, stride, count, target)
    case .float64: load(Double.self, source, stride, count, target)
    case .int8: load(Int8.self, source, stride, count, target)
    case .uint8: load(UInt8.self, source, stride, count, target)
    case .int16: load(Int16.self, source, stride, count, target)
    case .int32: load(Int32.self, source, stride, count, target)
    case .int64: load(Int64.self, source, stride, count, target)
    case .bool: load(Truth.self, source, stride, count, target)
    }
}

/// Writes `count` elements, `stride` bytes apart.
func storeRun<C: Computable>(
    _ type: ElementType, _ source: UnsafePointer<C>, count: Int,
    into target: UnsafeMutableRawPointer, stride: Int
) {
    switch type {
    case .float32: store(Float.self, source, count, target, stride)
    case .float16: store(Half.self, source, count, target, stride)
    case .bfloat16: store(BrainFloat.self, source, count, target, stride)
    case .float64: store(Double.self, source, count, target, stride)
    case .int8: store(Int8.self, source, count, target, stride)
    case .uint8: store(UInt8.self, source, count, target, stride)
    case .int16: store(Int16.self, source, count, target, stride)
    case .int32: store(Int32.self, source, count, target, stride)
    case .int64: store(Int64.self, source, count, target, stride)
    case .bool: store(Truth.self, source, count, target, stride)
    }
}

/// One element.
func loadElement<C: Computable>(_ type: ElementType, _ source: UnsafeRawPointer, as: C.Type) -> C {
    var value: C = 0
    loadRun(type, source, stride: 0, count: 1, into: &value)
    return value
}

/// One element.
func storeElement<C: Computable>(
    _ type: ElementType, _ value: C, into target: UnsafeMutableRawPointer
) {
    var value = value
    storeRun(type, &value, count: 1, into: target, stride: 0)
}

@inline(__always)
private func load<S: StoredElement, C: Computable>(
    _: S.Type, _ source: UnsafeRawPointer, _ stride: Int, _ count: Int,
    _ target: UnsafeMutablePointer<C>
) {
    if stride == MemoryLayout<S>.stride {
        let typed = source.assumingMemoryBound(to: S.self)
        for i in 0..<count { target[i] = typed[i].widened(to: C.self) }
    } else if stride == 0 {
        guard count > 0 else { return }
        let value = source.assumingMemoryBound(to: S.self).pointee.widened(to: C.self)
        for i in 0..<count { target[i] = value }
    } else {
        var place = source
        for i in 0..<count {
            target[i] = place.assumingMemoryBound(to: S.self).pointee.widened(to: C.self)
            place += stride
        }
    }
}

@inline(__always)
private func store<S: StoredElement, C: Computable>(
    _: S.Type, _ source: UnsafePointer<C>, _ count: Int, _ target: UnsafeMutableRawPointer,
    _ stride: Int
) {
    if stride == MemoryLayout<S>.stride {
        let typed = target.assumingMemoryBound(to: S.self)
        for i in 0..<count { typed[i] = S(rounding: source[i]) }
    } else {
        var place = target
        for i in 0..<count {
            place.assumingMemoryBound(to: S.self).pointee = S(rounding: source[i])
            place += stride
        }
    }
}
