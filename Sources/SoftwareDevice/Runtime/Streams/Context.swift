/// What a thread works in: a device and a default stream. Guarded by the platform's lock, but for
/// `isAlive`, which only ever goes from true to false.
final class Context {
    let device: Device
    let isPrimary: Bool
    let defaultStream: Stream
    var defaultStreamHandle: UnsafeMutableRawPointer?
    var handle: UnsafeMutableRawPointer?
    /// aclSysParamOpt values.
    var parameters: [Int32: Int64] = [:]
    var isAlive = true

    init(device: Device, isPrimary: Bool, defaultStream: Stream) {
        self.device = device
        self.isPrimary = isPrimary
        self.defaultStream = defaultStream
    }
}
