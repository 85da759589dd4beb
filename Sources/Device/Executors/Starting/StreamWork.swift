import Wire

/// A stream as one starter has it: the library's handle, and what operations on it need.
// Safe: the library's handles are opaque; nothing reads through them here.
@safe class StreamWork {
    let number: UInt32
    let handle: DeviceHandle
    /// Cores for operations that name none themselves.
    var limits = CoreLimits.none
    /// What the device library was told last.
    var appliedLimits = CoreLimits.none
    /// Its own workspace. Its operations run one after another, so one is enough.
    var workspace: (address: UInt64, bytes: UInt64) = (0, 0)
    /// Workspaces that were too small, until nothing on the stream can use them any more.
    var retiredWorkspaces: [(address: UInt64, bytes: UInt64)] = []

    required init(number: UInt32, handle: DeviceHandle) {
        self.number = number
        unsafe self.handle = handle
    }
}
