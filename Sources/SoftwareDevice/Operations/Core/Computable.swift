/// A type operations compute in: Float, Double or Int64.
protocol Computable: SIMDScalar, Comparable, Numeric, Hashable, Codable, SendableMetatype {
    static var elementType: ElementType { get }
    init(single: Float)
    init(double: Double)
    init(integer: Int64)
    var single: Float { get }
    var double: Double { get }
    /// Truncated towards zero; not-a-number and what does not fit as the smallest integer, as x86
    /// does.
    var integer: Int64 { get }
}

extension Float: Computable {
    static var elementType: ElementType { .float32 }
    @inline(__always) init(single: Float) { self = single }
    @inline(__always) init(double: Double) { self = Float(double) }
    @inline(__always) init(integer: Int64) { self = Float(integer) }
    @inline(__always) var single: Float { self }
    @inline(__always) var double: Double { Double(self) }
    @inline(__always) var integer: Int64 {
        self >= -0x1p63 && self < 0x1p63 ? Int64(self) : Int64.min
    }
}

extension Double: Computable {
    static var elementType: ElementType { .float64 }
    @inline(__always) init(single: Float) { self = Double(single) }
    @inline(__always) init(double: Double) { self = double }
    @inline(__always) init(integer: Int64) { self = Double(integer) }
    @inline(__always) var single: Float { Float(self) }
    @inline(__always) var double: Double { self }
    @inline(__always) var integer: Int64 {
        self >= -0x1p63 && self < 0x1p63 ? Int64(self) : Int64.min
    }
}

extension Int64: Computable {
    static var elementType: ElementType { .int64 }
    @inline(__always) init(single: Float) { self = single.integer }
    @inline(__always) init(double: Double) { self = double.integer }
    @inline(__always) init(integer: Int64) { self = integer }
    @inline(__always) var single: Float { Float(self) }
    @inline(__always) var double: Double { Double(self) }
    @inline(__always) var integer: Int64 { self }
}

/// A type elements are stored in.
protocol StoredElement {
    func widened<C: Computable>(to type: C.Type) -> C
    init<C: Computable>(rounding value: C)
}

extension Float: StoredElement {
    @inline(__always) func widened<C: Computable>(to type: C.Type) -> C { C(single: self) }
    @inline(__always) init<C: Computable>(rounding value: C) { self = value.single }
}

extension Double: StoredElement {
    @inline(__always) func widened<C: Computable>(to type: C.Type) -> C { C(double: self) }
    @inline(__always) init<C: Computable>(rounding value: C) { self = value.double }
}

extension Half: StoredElement {
    @inline(__always) func widened<C: Computable>(to type: C.Type) -> C { C(single: value) }
    @inline(__always) init<C: Computable>(rounding value: C) { self.init(value.single) }
}

extension BrainFloat: StoredElement {
    @inline(__always) func widened<C: Computable>(to type: C.Type) -> C { C(single: value) }
    @inline(__always) init<C: Computable>(rounding value: C) { self.init(value.single) }
}

extension Truth: StoredElement {
    @inline(__always) func widened<C: Computable>(to type: C.Type) -> C {
        C(integer: bits == 0 ? 0 : 1)
    }
    @inline(__always) init<C: Computable>(rounding value: C) { bits = value == 0 ? 0 : 1 }
}

extension StoredElement where Self: FixedWidthInteger {
    @inline(__always) func widened<C: Computable>(to type: C.Type) -> C {
        C(integer: Int64(truncatingIfNeeded: self))
    }
    @inline(__always) init<C: Computable>(rounding value: C) {
        self.init(truncatingIfNeeded: value.integer)
    }
}

extension Int8: StoredElement {}
extension UInt8: StoredElement {}
extension Int16: StoredElement {}
extension Int32: StoredElement {}
extension Int64: StoredElement {}
