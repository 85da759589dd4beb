/// Changes inputs as a fuzzer does that knows nothing; the same seed makes the same inputs.
struct Mutator {
    private var state: UInt64
    private let corpus: [[UInt8]]
    private static let words: [UInt64] = [
        0, 1, .max, 1 << 63, (1 << 63) - 1, 1 << 32, (1 << 32) - 1, 1 << 16, 0xff, 0x80,
    ]
    private static let bytesMax = 8192

    init(seed: UInt64, corpus: [[UInt8]]) {
        state = seed
        self.corpus = corpus
    }

    mutating func next() -> [UInt8] {
        var input = corpus.isEmpty ? [] : corpus[below(corpus.count)]
        for _ in 0...below(4) { change(&input) }
        return Array(input.prefix(Self.bytesMax))
    }

    private mutating func change(_ input: inout [UInt8]) {
        let at = below(input.count + 1)
        switch below(7) {
        case 0 where at < input.count: input[at] ^= 1 << UInt8(below(8))
        case 1 where at < input.count: input[at] = UInt8(below(256))
        case 2: input.insert(UInt8(below(256)), at: at)
        case 3: input.removeSubrange(at..<min(input.count, at + 1 + below(16)))
        case 4: input.insert(contentsOf: input[at..<min(input.count, at + below(64))], at: at)
        case 5: writeWord(at, &input)
        default:
            let other = corpus.isEmpty ? [] : corpus[below(corpus.count)]
            input = Array(input[..<at]) + other.dropFirst(below(other.count + 1))
        }
    }

    /// A number at the edge of something, in one to eight bytes.
    private mutating func writeWord(_ at: Int, _ input: inout [UInt8]) {
        let word = Self.words[below(Self.words.count)]
        for offset in 0..<(1 << below(4)) where at + offset < input.count {
            input[at + offset] = UInt8(truncatingIfNeeded: word >> (8 * UInt64(offset)))
        }
    }

    private mutating func below(_ limit: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(limit))
    }
}
