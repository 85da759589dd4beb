import CWire
package import LinuxIO

/// The daemon's end of a session page: switches that the program reads.
package final class SessionPage: Sendable {
    package let memory: SharedMemory

    /// A new page in which nothing is recorded and the daemon is alive and awake.
    package init() throws(SystemError) {
        memory = try SharedMemory(
            name: "flexnpu-session", count: (MemoryLayout<fx_session_page>.size + 4095) & ~4095)
        let page = unsafe memory.base.assumingMemoryBound(to: fx_session_page.self)
        unsafe page.pointee.magic = FX_MAGIC
        unsafe page.pointee.version = FX_WIRE_VERSION
        unsafe page.pointee.daemon_state = UInt32(FX_DAEMON_ALIVE)
    }

    private func offset<Value>(_ field: KeyPath<fx_session_page, Value>) -> Int {
        MemoryLayout<fx_session_page>.offset(of: field) ?? 0
    }

    /// Tells producers whether to ring the doorbell. Read the rings again after setting it: a
    /// record may have been published before its producer could see the flag.
    package func setDaemonSleeping(_ sleeping: Bool) {
        unsafe memory.base.word32(Self.sleeping).storeSequential(sleeping ? 1 : 0)
    }

    // The header's _Static_assert holds the first; Swift imports no arrays of this length.
    private static let recorded = 64
    private static let stagingSlots = recorded + Int(FX_FUNCTION_LIMIT)
    private static let sleeping = MemoryLayout<fx_session_page>.offset(of: \.daemon_sleeping) ?? 12

    /// The daemon is about to end; every call from now on fails with an error.
    package func setDaemonGone() {
        unsafe memory.base.word32(offset(\.daemon_state)).storeReleasing(UInt32(FX_DAEMON_GONE))
    }

    /// Switches the recording of every function on or off. While it is off, calls of the functions
    /// `asking` ask now and then whether the daemon is still there: those that take long anyway.
    package func setRecorded(_ recorded: Bool, asking: [Int] = []) {
        let start = unsafe memory.base + Self.recorded
        for index in 0..<Int(FX_FUNCTION_LIMIT) {
            unsafe start.storeBytes(
                of: UInt8(recorded ? FX_RECORDED_ON : FX_RECORDED_OFF), toByteOffset: index,
                as: UInt8.self)
        }
        guard !recorded else { return }
        for index in asking where index >= 0 && index < Int(FX_FUNCTION_LIMIT) {
            unsafe start.storeBytes(of: UInt8(FX_RECORDED_ASK), toByteOffset: index, as: UInt8.self)
        }
    }

    /// Gives a staging slot back to the program.
    package func freeSlot(_ slot: Int) {
        guard slot >= 0, slot < Int(FX_STAGING_SLOTS) else { return }
        unsafe memory.base.word32(Self.stagingSlots + slot * 4).storeReleasing(0)
        let freed = unsafe memory.base.word32(offset(\.staging_freed))
        unsafe freed.add(1)
        if unsafe memory.base.word32(offset(\.staging_waiting)).loadSequential() != 0 {
            unsafe Futex.wake(freed)
        }
    }
}
