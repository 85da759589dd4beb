/// What comes in and what must go out, as a test spells it:
///
///     in   p:PPPP---  d:-D--D-
///     out  PDPPDP
///
/// A column is a tick. `in` has a word for each stream: its name, a colon, and for each tick the
/// operation that is enqueued then, or `-`. `P`, `D` and `M` are prefill, decode and mixed; any
/// other letter or digit is an operation of no phase. The name may say `/3`, the weight of the
/// client, and `@4`, the ticks that each of its operations takes. `out` shows what was dispatched
/// in each tick: `-` where nothing was, `.` where the operation before still runs.
struct Timeline: Equatable {
    struct Stream: Equatable {
        var name: String
        var weight = 1.0
        /// Ticks that an operation takes.
        var length = 1
        /// One for each tick; nil where nothing is enqueued.
        var arrivals: [Character?]
    }

    var streams: [Stream] = []
    var out: [Character] = []

    /// Why a timeline cannot be read.
    struct Malformed: Error {
        var message: String
    }

    init(_ text: String) throws(Malformed) {
        for line in text.split(separator: "\n") {
            let words = line.split(whereSeparator: \.isWhitespace)
            guard let first = words.first else { continue }
            switch first {
            case "in":
                for word in words.dropFirst() { streams.append(try Stream(word)) }
            case "out":
                for word in words.dropFirst() { out += Array(word) }
            default:
                throw Malformed(message: "a line of a timeline starts with in or out, not \(first)")
            }
        }
        guard !streams.isEmpty, !out.isEmpty else {
            throw Malformed(message: "a timeline has a line `in` with streams, and a line `out`")
        }
    }
}

extension Timeline.Stream {
    init(_ word: Substring) throws(Timeline.Malformed) {
        guard let colon = word.firstIndex(of: ":") else {
            throw Timeline.Malformed(message: "a stream is NAME:TICKS, such as p:PP-P, not \(word)")
        }
        var head = word[..<colon]
        if let at = head.firstIndex(of: "@") {
            guard let ticks = Int(head[head.index(after: at)...]), 1...1000 ~= ticks else {
                throw Timeline.Malformed(message: "\(word): @ is followed by 1 to 1000 ticks")
            }
            length = ticks
            head = head[..<at]
        }
        if let slash = head.firstIndex(of: "/") {
            guard let number = Double(head[head.index(after: slash)...]), number > 0 else {
                throw Timeline.Malformed(message: "\(word): / is followed by a weight above 0")
            }
            weight = number
            head = head[..<slash]
        }
        guard !head.isEmpty else {
            throw Timeline.Malformed(message: "\(word): the stream has no name")
        }
        name = String(head)
        arrivals = word[word.index(after: colon)...].map { $0 == "-" ? nil : $0 }
    }
}
