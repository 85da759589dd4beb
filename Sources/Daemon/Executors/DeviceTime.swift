package import Wire

/// Between this host's clock and the chip's. A device whose time is stretched by a scale is
/// scheduled in the time of the chip that it stands for: windows, bounds and predictions mean there
/// what they mean on the chip.
package struct DeviceTime: Equatable {
    private let origin: Nanoseconds
    /// Host nanoseconds that one nanosecond of the chip takes.
    package let scale: Double

    package init(origin: Nanoseconds, scale: Double) {
        self.origin = origin
        self.scale = scale > 0 ? scale : 1
    }

    package func chip(_ host: Nanoseconds) -> Nanoseconds {
        scale == 1 ? host : origin + Self.whole(Double(host &- origin) / scale)
    }

    /// The first moment of the host at which it is `chip` on the chip.
    package func host(_ chip: Nanoseconds) -> Nanoseconds {
        guard scale != 1 else { return chip }
        let host = origin + Self.whole((Double(chip &- origin) * scale).rounded(.up))
        // A product that was rounded down would be a moment too early: who waits for that time
        // would be woken before it, again and again.
        return self.chip(host) < chip ? host + 1 : host
    }

    package func hostSpan(_ chip: Nanoseconds) -> Nanoseconds {
        scale == 1 ? chip : Self.whole(Double(chip) * scale)
    }

    /// A policy may want to be asked in a thousand years: a time beyond the clock is its end, 146
    /// years from now, so that sums with it are times as well.
    private static func whole(_ nanoseconds: Double) -> Nanoseconds {
        Nanoseconds(max(-farNanoseconds, min(nanoseconds, farNanoseconds)))
    }
    private static let farNanoseconds = 4.6e18
}
