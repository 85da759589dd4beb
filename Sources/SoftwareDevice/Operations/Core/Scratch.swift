/// Runs `body` with temporary memory for `count` elements, aligned for vectors and not initialised.
@inline(__always)
func withScratch<T, R>(_ type: T.Type, count: Int, _ body: (UnsafeMutablePointer<T>) -> R) -> R {
    let bytes = max(1, count) &* MemoryLayout<T>.stride
    let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 16)
    defer { unsafe memory.deallocate() }
    return unsafe body(memory.assumingMemoryBound(to: T.self))
}
