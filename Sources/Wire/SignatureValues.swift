/// Which argument, or which element of a list, a value belongs to.
package struct ValuePlace: Sendable, Hashable {
    package var argument: Int
    /// Nil: the argument itself.
    package var element: Int?
    package init(argument: Int, element: Int? = nil) {
        self.argument = argument
        self.element = element
    }
}

/// Words of a launch's values that make one argument, or one element of a list, whole.
package struct ValueField: Sendable, Equatable {
    /// What the words are.
    package enum Kind: Sendable, Equatable {
        /// Address, view offset in elements.
        case tensor
        /// Low and high 64 bits of the value.
        case scalar
        case integer
        /// A float's or a double's value, as the bits of a double.
        case real
        /// One word each.
        case integers(Int)
        /// Two floats a word.
        case reals(Int)
        /// Eight a word.
        case booleans(Int)

        package var wordCount: Int {
            switch self {
            case .tensor, .scalar: 2
            case .integer, .real: 1
            case .integers(let count): count
            case .reals(let count): count / 2 + count % 2
            case .booleans(let count): count / 8 + (count % 8 == 0 ? 0 : 1)
            }
        }
    }

    package var kind: Kind
    package var place: ValuePlace
    /// Its first word among the values.
    package var position: Int

    /// The fields of `items` in order: all tensors that are there, and what `travelling` names.
    static func fields(of items: [SignatureItem], travelling: Set<ValuePlace>) -> [ValueField] {
        var found: [ValueField] = []
        var position = 0
        func add(_ kind: Kind, _ place: ValuePlace) {
            found.append(ValueField(kind: kind, place: place, position: position))
            position += kind.wordCount
        }
        for (argument, item) in items.enumerated() {
            switch item {
            case .tensor(_?): add(.tensor, ValuePlace(argument: argument))
            case .tensorList(let list?):
                for (element, tensor) in list.enumerated() where tensor != nil {
                    add(.tensor, ValuePlace(argument: argument, element: element))
                }
            case .scalarList(let list?):
                for element in list.indices {
                    let place = ValuePlace(argument: argument, element: element)
                    if travelling.contains(place) { add(.scalar, place) }
                }
            default:
                let place = ValuePlace(argument: argument)
                if travelling.contains(place), let kind = Kind(item) { add(kind, place) }
            }
        }
        return found
    }
}

extension ValueField.Kind {
    /// How an item other than a tensor or a list travels; nil where it cannot.
    fileprivate init?(_ item: SignatureItem) {
        switch item {
        case .scalar(_?): self = .scalar
        case .integer: self = .integer
        case .real: self = .real
        case .integers(let values?): self = .integers(values.count)
        case .reals(let values?): self = .reals(values.count)
        case .booleans(let values?): self = .booleans(values.count)
        default: return nil
        }
    }
}

extension Signature {
    /// Words that one launch's values may have.
    package static let valueCountMax = 16_384

    /// How many words travel with a launch.
    package var valueCount: Int { fields.last.map { $0.position + $0.kind.wordCount } ?? 0 }

    /// Where each tensor's address lies among the values, in the order of `tensors`; its view
    /// offset is the word behind.
    package var tensorPositions: [Int] {
        fields.filter { $0.kind == .tensor }.map(\.position)
    }

    /// Whether that argument, or any element of it, travels with the launch.
    package func travels(argument: Int) -> Bool {
        fields.contains { $0.place.argument == argument && $0.kind != .tensor }
    }

    /// The whole argument list of a launch. A tensor's offset is the plan's and the values' added
    /// up; addresses stay with the values.
    package func completed(by values: Span<UInt64>) throws(SignatureError) -> Signature {
        guard values.count == valueCount else {
            throw SignatureError("\(values.count) values where the plan has \(valueCount)")
        }
        var whole = self
        for field in fields {
            let argument = field.place.argument
            whole.items[argument] = try whole.items[argument].completed(field, by: values)
        }
        return whole
    }
}

extension SignatureItem {
    /// The item with what `field` says taken from `values`, which must have those words.
    package func completed(_ field: ValueField, by values: Span<UInt64>)
        throws(SignatureError) -> SignatureItem
    {
        let first = field.position
        switch self {
        case .tensor(let tensor?): return .tensor(try tensor.moved(by: values[first + 1]))
        case .tensorList(var list?):
            guard let element = field.place.element else { return self }
            list[element] = try list[element]?.moved(by: values[first + 1])
            return .tensorList(list)
        case .scalar(let scalar?): return .scalar(scalar.holding(values, at: first))
        case .scalarList(var list?):
            guard let element = field.place.element else { return self }
            list[element] = list[element]?.holding(values, at: first)
            return .scalarList(list)
        case .integer(_, let letter):
            return .integer(Int64(bitPattern: values[first]), letter: letter)
        case .real(_, let letter):
            return .real(Double(bitPattern: values[first]), letter: letter)
        case .integers(let old?):
            return .integers(old.indices.map { Int64(bitPattern: values[first + $0]) })
        case .reals(let old?):
            return .reals(
                old.indices.map { index in
                    let word = values[first + index / 2] >> (UInt64(index % 2) * 32)
                    return Float(bitPattern: UInt32(truncatingIfNeeded: word))
                })
        case .booleans(let old?):
            return .booleans(
                old.indices.map { index in
                    (values[first + index / 8] >> (UInt64(index % 8) * 8)) & 0xff != 0
                })
        default: return self
        }
    }
}

extension SignatureTensor {
    /// The same tensor with its view further on.
    fileprivate func moved(by word: UInt64) throws(SignatureError) -> SignatureTensor {
        let (sum, overflow) = offset.addingReportingOverflow(Int64(bitPattern: word))
        guard !overflow else {
            throw SignatureError("a view's offset \(Int64(bitPattern: word)) is out of range")
        }
        var moved = self
        moved.offset = sum
        return moved
    }

    /// The bytes from the tensor's address that its view can touch when it lies `elements` further
    /// on than the plan says; nil when it is empty or a number overflows.
    package func touchedBytes(shiftedBy elements: Int64) -> (first: Int64, end: Int64)? {
        guard let range = touchedBytes else { return nil }
        let size = Int64(max(1, elementBytes(ofType: type)))
        let (shift, a) = elements.multipliedReportingOverflow(by: size)
        let (first, b) = range.first.addingReportingOverflow(shift)
        let (end, c) = range.end.addingReportingOverflow(shift)
        return a || b || c ? nil : (first, end)
    }
}

extension SignatureScalar {
    fileprivate func holding(_ values: Span<UInt64>, at position: Int) -> SignatureScalar {
        SignatureScalar(type: type, low: values[position], high: values[position + 1])
    }
}
