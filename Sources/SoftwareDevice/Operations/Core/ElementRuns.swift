// Runs of elements at a constant distance, read into and written from the type that is computed in.

/// Reads `count` elements, `stride` bytes apart.
func loadRun<C: Computable>(
    _ type: ElementType, _ source: UnsafeRawPointer, stride: Int, count: Int,
    into target: UnsafeMutablePointer<C>
) {
    switch type {
    case .float32: unsafe load(Float.self, source, stride, count, target)
    case .float16: unsafe load(Half.self, source, stride, count, target)
    case .bfloat16: unsafe load(BrainFloat.self, source, stride, count, target)
    case .float64: unsafe load(Double.self, source, stride, count, target)
    case .int8: unsafe load(Int8.self, source, stride, count, target)
    case .uint8: unsafe load(UInt8.self, source, stride, count, target)
    case .int16: unsafe load(Int16.self, source, stride, count, target)
    case .int32: unsafe load(Int32.self, source, stride, count, target)
    case .int64: unsafe load(Int64.self, source, stride, count, target)
    case .bool: unsafe load(Truth.self, source, stride, count, target)
    }
}

/// Writes `count` elements, `stride` bytes apart.
func storeRun<C: Computable>(
    _ type: ElementType, _ source: UnsafePointer<C>, count: Int,
    into target: UnsafeMutableRawPointer, stride: Int
) {
    switch type {
    case .float32: unsafe store(Float.self, source, count, target, stride)
    case .float16: unsafe store(Half.self, source, count, target, stride)
    case .bfloat16: unsafe store(BrainFloat.self, source, count, target, stride)
    case .float64: unsafe store(Double.self, source, count, target, stride)
    case .int8: unsafe store(Int8.self, source, count, target, stride)
    case .uint8: unsafe store(UInt8.self, source, count, target, stride)
    case .int16: unsafe store(Int16.self, source, count, target, stride)
    case .int32: unsafe store(Int32.self, source, count, target, stride)
    case .int64: unsafe store(Int64.self, source, count, target, stride)
    case .bool: unsafe store(Truth.self, source, count, target, stride)
    }
}

/// One element.
func loadElement<C: Computable>(_ type: ElementType, _ source: UnsafeRawPointer, as: C.Type) -> C {
    var value: C = 0
    unsafe loadRun(type, source, stride: 0, count: 1, into: &value)
    return value
}

/// One element.
func storeElement<C: Computable>(
    _ type: ElementType, _ value: C, into target: UnsafeMutableRawPointer
) {
    var value = value
    unsafe storeRun(type, &value, count: 1, into: target, stride: 0)
}

@inline(__always)
private func load<S: StoredElement, C: Computable>(
    _: S.Type, _ source: UnsafeRawPointer, _ stride: Int, _ count: Int,
    _ target: UnsafeMutablePointer<C>
) {
    if stride == MemoryLayout<S>.stride {
        let typed = unsafe source.assumingMemoryBound(to: S.self)
        for i in 0..<count { unsafe target[i] = unsafe typed[i].widened(to: C.self) }
    } else if stride == 0 {
        guard count > 0 else { return }
        let value = unsafe source.assumingMemoryBound(to: S.self).pointee.widened(to: C.self)
        for i in 0..<count { unsafe target[i] = value }
    } else {
        var place = unsafe source
        for i in 0..<count {
            unsafe target[i] = place.assumingMemoryBound(to: S.self).pointee.widened(to: C.self)
            unsafe place += stride
        }
    }
}

@inline(__always)
private func store<S: StoredElement, C: Computable>(
    _: S.Type, _ source: UnsafePointer<C>, _ count: Int, _ target: UnsafeMutableRawPointer,
    _ stride: Int
) {
    if stride == MemoryLayout<S>.stride {
        let typed = unsafe target.assumingMemoryBound(to: S.self)
        for i in 0..<count { unsafe typed[i] = unsafe S(rounding: source[i]) }
    } else {
        var place = unsafe target
        for i in 0..<count {
            unsafe place.assumingMemoryBound(to: S.self).pointee = S(rounding: source[i])
            unsafe place += stride
        }
    }
}
