import CForeignCall

/// A C function whose shape is known only from the API table, ready to be called: libffi with its
/// argument slots prepared once.
///
/// Integers and pointers travel as 64-bit words; the callee reads as much of each as its type has,
/// which both x86-64 and AArch64 allow. Floats and doubles travel as themselves.
final class ForeignCall {
    private let function: UnsafeMutableRawPointer
    private let interface: UnsafeMutablePointer<ffi_cif>
    private let types: UnsafeMutablePointer<UnsafeMutablePointer<ffi_type>?>
    private let slots: UnsafeMutablePointer<UInt64>
    private let addresses: UnsafeMutablePointer<UnsafeMutableRawPointer?>
    private let count: Int

    /// `letters` is one class letter an argument: f is a float, d a double, anything else a word.
    /// Returns nil where libffi does not accept the shape.
    init?(function: UnsafeMutableRawPointer, letters: [UInt8]) {
        self.function = function
        count = letters.count
        interface = .allocate(capacity: 1)
        types = .allocate(capacity: letters.count)
        slots = .allocate(capacity: letters.count)
        addresses = .allocate(capacity: letters.count)
        interface.initialize(to: ffi_cif())
        slots.initialize(repeating: 0, count: letters.count)
        for (index, letter) in letters.enumerated() {
            types.advanced(by: index).initialize(to: Self.type(of: letter))
            addresses.advanced(by: index).initialize(to: slots + index)
        }
        let status = flexnpu_ffi_prepare(interface, UInt32(letters.count), types)
        guard status == FFI_OK else { return nil }
    }

    deinit {
        interface.deallocate()
        types.deallocate()
        slots.deallocate()
        addresses.deallocate()
    }

    private static func type(of letter: UInt8) -> UnsafeMutablePointer<ffi_type>? {
        switch letter {
        case UInt8(ascii: "f"): flexnpu_ffi_float()
        case UInt8(ascii: "d"): flexnpu_ffi_double()
        default: flexnpu_ffi_word()
        }
    }

    func set(_ index: Int, to word: UInt64) { slots[index] = word }

    func set(_ index: Int, to pointer: UnsafeRawPointer?) {
        slots[index] = UInt64(UInt(bitPattern: pointer))
    }

    func set(_ index: Int, toFloat value: Float) {
        slots[index] = UInt64(value.bitPattern)
    }

    func set(_ index: Int, toDouble value: Double) { slots[index] = value.bitPattern }

    /// Calls it with the slots as they are; the result is a 32-bit status.
    func call() -> Int32 {
        flexnpu_ffi_call(interface, function, addresses)
    }
}
