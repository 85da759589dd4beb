import Wire

/// A plan's arguments as a comparison needs them: which of a launch's values are addresses.
struct SignatureForm {
    /// What the plan says, hashed.
    let hash: UInt64
    let encoded: [UInt8]
    /// Where the tensors' addresses lie among the values; the view offset is the word behind.
    private let addressPositions: [Int]
    private let valueCount: Int

    /// A plan that is not known: its arguments were in a part of the trace that is missing. All its
    /// values count as addresses.
    static let unknown = SignatureForm(hash: 1)

    private init(hash: UInt64) {
        self.hash = hash
        encoded = []
        addressPositions = []
        valueCount = -1
    }

    init(_ encoded: [UInt8]) {
        hash = Mixing.hash(encoded[...])
        self.encoded = encoded
        let signature = try? SignatureDecoder.decode(encoded)
        addressPositions = signature?.tensorPositions ?? []
        valueCount = signature?.valueCount ?? -1
    }

    /// The addresses among a launch's values.
    func addresses(in values: [UInt64]) -> [UInt64] {
        guard values.count == valueCount else { return values }
        return addressPositions.map { values[$0] }
    }

    /// Whether so many values are a launch of this plan.
    func fits(_ values: [UInt64]) -> Bool { values.count == valueCount }

    /// What a launch says beside its addresses: the words that are not 0, with their places; nil
    /// where they do not fit into 255 places.
    func others(in values: [UInt64]) -> [(place: UInt8, word: UInt64)]? {
        var found: [(place: UInt8, word: UInt64)] = []
        var next = 0
        for (index, word) in values.enumerated() {
            if next < addressPositions.count, addressPositions[next] == index {
                next += 1
            } else if word != 0 {
                guard index < 256, found.count < 255 else { return nil }
                found.append((UInt8(index), word))
            }
        }
        return found
    }

    /// All values of a launch; the addresses alone where they are not of this plan.
    func joined(_ addresses: [UInt64], _ others: [(place: UInt8, word: UInt64)]) -> [UInt64] {
        guard addresses.count == addressPositions.count, valueCount >= 0 else { return addresses }
        var values = [UInt64](repeating: 0, count: valueCount)
        for (position, address) in zip(addressPositions, addresses) { values[position] = address }
        for (place, word) in others where Int(place) < valueCount { values[Int(place)] = word }
        return values
    }

    /// The hash of what the launch says beside its addresses.
    func hash(of values: [UInt64]) -> UInt64 {
        guard values.count == valueCount else { return hash }
        var found = hash
        var next = 0
        for (index, word) in values.enumerated() {
            if next < addressPositions.count, addressPositions[next] == index {
                next += 1
                continue
            }
            if word != 0 { found = Mixing.combine(found, word &+ UInt64(index) << 56) }
        }
        return found
    }
}
