import Wire

/// What users of a serving engine got.
struct ServingReport: Equatable, CustomStringConvertible {
    var requests: Int
    var tokens: Int
    var firstToken: Spread
    var betweenTokens: Spread

    /// Milliseconds.
    struct Spread: Equatable {
        var mean: Double
        var p99: Double
        var max: Double

        init(_ times: [Nanoseconds]) {
            let sorted = times.sorted()
            let total = sorted.reduce(0) { $0 + Double($1) }
            mean = sorted.isEmpty ? 0 : total / Double(sorted.count) / 1e6
            // At most one time in a hundred is longer.
            p99 = sorted.isEmpty ? 0 : Double(sorted[(sorted.count * 99 - 1) / 100]) / 1e6
            max = Double(sorted.last ?? 0) / 1e6
        }

        var text: String {
            "mean \(Self.round(mean)), p99 \(Self.round(p99)), max \(Self.round(max)) ms"
        }
        private static func round(_ value: Double) -> Double { (value * 10).rounded() / 10 }
    }

    init(_ engine: ServingEngine) {
        requests = engine.finishedRequests
        tokens = engine.timesToFirstToken.count + engine.timesBetweenTokens.count
        firstToken = Spread(engine.timesToFirstToken)
        betweenTokens = Spread(engine.timesBetweenTokens)
    }

    var description: String {
        "\(requests) requests, \(tokens) tokens; first token \(firstToken.text); "
            + "between tokens \(betweenTokens.text)"
    }
}
