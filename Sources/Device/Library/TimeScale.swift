extension DeviceLibrary {
    /// Host nanoseconds that one nanosecond of the chip takes: a software device may be slowed down,
    /// so that real numbers can be computed within a chip's times. 1 for every other library.
    package var timeScale: Double {
        typealias Ask = @convention(c) (UnsafeMutablePointer<Double>?) -> Int32
        var scale = 1.0
        guard let ask = unsafe optional("flexnpu_device_scale", as: Ask.self),
            unsafe ask(&scale) == 0,
            scale.isFinite, scale > 0
        else { return 1 }
        return scale
    }

    /// What a software device says of its set-up; empty for every other library.
    package var ownDescription: String {
        typealias Ask = @convention(c) () -> UnsafePointer<CChar>?
        let ask = unsafe optional("flexnpu_device_description", as: Ask.self)
        return unsafe ask.flatMap { unsafe $0() }.map { unsafe String(cString: $0) } ?? ""
    }
}
