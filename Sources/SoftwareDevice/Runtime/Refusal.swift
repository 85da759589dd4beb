import CDeviceRefusals

/// What a function does that the software device does not have (CDeviceRefusals): the thread gets
/// the code, or that of an unsupported function, and a message.
@c(flexnpu_device_refuse)
public func refuseCall(_ name: UnsafePointer<CChar>?, _ code: Int32) {
    let name = unsafe name.map { unsafe String(cString: $0) } ?? "the function"
    _ = ThreadState.current.report(
        Failure(
            code == 0 ? Status.featureUnsupported : code,
            "\(name) is not offered by the software device"))
}
