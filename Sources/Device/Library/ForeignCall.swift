import CForeignCall

/// A C function whose shape is known only from the API table, ready to be called: libffi with its
/// argument slots prepared once.
///
/// Integers and pointers travel as 64-bit words; the callee reads as much of each as its type has,
/// which both x86-64 and AArch64 allow. Floats and doubles travel as themselves.
// Safe to hold: its memory is private and lives as long. Only `call` believes what the slots hold.
@safe final class ForeignCall {
    private let function: UnsafeMutableRawPointer
    private let interface: UnsafeMutablePointer<ffi_cif>
    private let types: UnsafeMutablePointer<UnsafeMutablePointer<ffi_type>?>
    private let slots: UnsafeMutablePointer<UInt64>
    private let addresses: UnsafeMutablePointer<UnsafeMutableRawPointer?>
    private let count: Int

    /// `letters` is one class letter an argument: f is a float, d a double, anything else a word.
    /// Returns nil where libffi does not accept the shape.
    init?(function: UnsafeMutableRawPointer, letters: [UInt8]) {
        unsafe self.function = function
        count = letters.count
        unsafe interface = .allocate(capacity: 1)
        unsafe types = .allocate(capacity: letters.count)
        unsafe slots = .allocate(capacity: letters.count)
        unsafe addresses = .allocate(capacity: letters.count)
        unsafe interface.initialize(to: ffi_cif())
        unsafe slots.initialize(repeating: 0, count: letters.count)
        for (index, letter) in letters.enumerated() {
            unsafe types.advanced(by: index).initialize(to: Self.type(of: letter))
            unsafe addresses.advanced(by: index).initialize(to: slots + index)
        }
        let status = unsafe flexnpu_ffi_prepare(interface, UInt32(letters.count), types)
        guard status == FFI_OK else { return nil }
    }

    deinit {
        unsafe interface.deallocate()
        unsafe types.deallocate()
        unsafe slots.deallocate()
        unsafe addresses.deallocate()
    }

    private static func type(of letter: UInt8) -> UnsafeMutablePointer<ffi_type>? {
        switch letter {
        case UInt8(ascii: "f"): unsafe flexnpu_ffi_float()
        case UInt8(ascii: "d"): unsafe flexnpu_ffi_double()
        default: unsafe flexnpu_ffi_word()
        }
    }

    func set(_ index: Int, to word: UInt64) { unsafe slots[index] = word }

    func set(_ index: Int, to pointer: UnsafeRawPointer?) {
        unsafe slots[index] = UInt64(UInt(bitPattern: pointer))
    }

    func set(_ index: Int, toFloat value: Float) {
        unsafe slots[index] = UInt64(value.bitPattern)
    }

    func set(_ index: Int, toDouble value: Double) { unsafe slots[index] = value.bitPattern }

    /// Calls it with the slots as they are; the result is a 32-bit status.
    @unsafe func call() -> Int32 {
        unsafe flexnpu_ffi_call(interface, function, addresses)
    }
}
