import CWire
package import LinuxIO

/// The counters of `fx_tally`, made here and counted up by programs.
// Safe: the memory is as large as the structure for good, and programs only count in it.
@safe package struct TallyCounters {
    private let memory: SharedMemory
    private let processID: Int32

    package init(processID: Int32) throws(SystemError) {
        memory = try SharedMemory(
            name: "flexnpu-tally", count: (MemoryLayout<fx_tally>.size + 4095) & ~4095)
        self.processID = processID
        let head = unsafe memory.base.assumingMemoryBound(to: fx_tally.self)
        unsafe head.pointee.magic = FX_MAGIC
        unsafe head.pointee.table_hash = FX_TABLE_HASH
    }

    /// Where another process of this user finds the memory, as long as this process lives.
    package var path: String { "/proc/\(processID)/fd/\(memory.rawValue)" }

    /// How often calls of the function with that id were refused.
    package func refused(_ function: Int) -> UInt32 {
        counter(function, after: Self.refused)
    }

    /// How often the function with that id was looked up by name.
    package func sought(_ function: Int) -> UInt32 {
        counter(function, after: Self.sought)
    }

    // The header's _Static_assert holds the first; Swift imports no arrays of this length.
    private static let refused = 16
    private static let sought = refused + 4 * Int(FX_FUNCTION_LIMIT)

    private func counter(_ function: Int, after offset: Int) -> UInt32 {
        guard function >= 0, function < Int(FX_FUNCTION_LIMIT) else { return 0 }
        return unsafe memory.base.word32(offset + 4 * function).loadAcquiring()
    }
}
