package import Wire

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

extension DeviceLibrary {
    /// Nil where the device has its own time: hardware, and the software device on the free clock.
    /// Any thread may ask.
    package func lateness(of device: Int32) -> DeviceLateness? {
        typealias IsPaced = @convention(c) () -> Int32
        typealias Number = UnsafeMutablePointer<UInt64>?
        typealias Ask =
            @convention(c) (
                Int32, Number, Number, Number, Number, UnsafeMutablePointer<Int32>?
            ) -> Int32
        guard let isPaced = unsafe optional("flexnpu_device_is_paced", as: IsPaced.self),
            isPaced() != 0,
            let ask = unsafe optional("flexnpu_device_lateness", as: Ask.self)
        else { return nil }
        var (count, latest, p99, makespan) = (UInt64(0), UInt64(0), UInt64(0), UInt64(0))
        var isValid: Int32 = 0
        guard unsafe ask(device, &count, &latest, &p99, &makespan, &isValid) == 0 else {
            return nil
        }
        return DeviceLateness(
            completions: count, latestNanoseconds: Int64(clamping: latest),
            p99Nanoseconds: Int64(clamping: p99),
            makespanNanoseconds: Int64(clamping: makespan), isValid: isValid != 0)
    }
}
