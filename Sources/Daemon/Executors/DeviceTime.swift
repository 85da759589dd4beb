import Wire

/// Between this host's clock and the chip's. A device whose time is stretched by a scale is
/// scheduled in the time of the chip that it stands for: windows, bounds and predictions mean there
/// what they mean on the chip.
struct DeviceTime: Equatable {
    private let origin: Nanoseconds
    /// Host nanoseconds that one nanosecond of the chip takes.
    let scale: Double

    init(origin: Nanoseconds, scale: Double) {
        self.origin = origin
        self.scale = scale > 0 ? scale : 1
    }

    func chip(_ host: Nanoseconds) -> Nanoseconds {
        scale == 1 ? host : origin + Nanoseconds(Double(host - origin) / scale)
    }

    func host(_ chip: Nanoseconds) -> Nanoseconds {
        scale == 1 ? chip : origin + Nanoseconds((Double(chip - origin) * scale).rounded(.up))
    }

    func hostSpan(_ chip: Nanoseconds) -> Nanoseconds {
        scale == 1 ? chip : Nanoseconds(min(Double(chip) * scale, 9e18))
    }
}
