import Glibc

/// Temporary memory of operations. Its size follows from sizes that programs choose, so there is a
/// limit to it; beyond that, or where the machine has no more, the operation fails and nothing else.
enum Scratch {
    /// As much as a device has by default.
    private static let bytesMax = 8 << 30

    /// An array has its values from the start, and so takes time as well: a part of that.
    private static let arrayFactor = 8

    /// Memory for `count` elements, to be given back with `free`; nil, and a fault, where there is
    /// none.
    static func allocate<T>(_: T.Type, count: Int) -> UnsafeMutablePointer<T>? {
        guard hasRoom(for: T.self, count: count),
            let memory = unsafe malloc(max(1, count) * MemoryLayout<T>.stride)
        else {
            DeviceFault.report("no memory for \(count) intermediate values")
            return nil
        }
        return unsafe memory.bindMemory(to: T.self, capacity: max(1, count))
    }

    /// Whether so many elements are within the limit.
    static func hasRoom<T>(for _: T.Type, count: Int) -> Bool {
        let (bytes, isOver) = count.multipliedReportingOverflow(by: MemoryLayout<T>.stride)
        return !isOver && (0...bytesMax).contains(bytes)
    }

    /// An array of `count` elements; nil, and a fault, where they are beyond the limit.
    static func array<T>(repeating value: T, count: Int) -> [T]? {
        guard !Cancellation.isRequested else { return nil }
        guard hasRoom(for: T.self, count: count * arrayFactor) else {
            DeviceFault.report("no memory for \(count) intermediate values")
            return nil
        }
        return Array(repeating: value, count: count)
    }
}

/// Runs `body` with temporary memory for `count` elements, aligned for vectors and not initialised.
/// Where there is no memory the operation ends with a fault.
@inline(__always)
func withScratch<T>(_ type: T.Type, count: Int, _ body: (UnsafeMutablePointer<T>) -> Void) {
    guard !Cancellation.isRequested, let memory = unsafe Scratch.allocate(type, count: count) else {
        return
    }
    defer { unsafe free(memory) }
    unsafe body(memory)
}
