import Wire

/// The marks of a device by number.
struct MarkTable {
    enum Mark {
        case unknown
        case recorded(EventRecord)
        case reached
        /// Its record could not be put on the device.
        case failed(DeviceError)
    }

    private var marks: [Mark] = []

    subscript(number: UInt32) -> Mark {
        get { Int(number) < marks.count ? marks[Int(number)] : .unknown }
        set {
            // Numbers are the loop's, dense and below its limit; it is asked before it records.
            while marks.count <= Int(number) { marks.append(.unknown) }
            marks[Int(number)] = newValue
        }
    }
}
