import Scheduling
import Wire

/// Where requests come from.
enum RequestTrace {
    /// Reads `TIMESTAMP,ContextTokens,GeneratedTokens`, the form of the Azure LLM inference trace of
    /// 2023; a time stamp is `2023-11-16 18:15:46.6805900`. Times count from the first row.
    static func azure(_ text: String) -> [ServingRequest] {
        var requests: [ServingRequest] = []
        var first: Nanoseconds?
        for line in text.split(whereSeparator: \.isNewline).dropFirst() {
            let fields = line.split(separator: ",")
            guard fields.count == 3, let time = nanoseconds(fields[0]), let prompt = Int(fields[1]),
                let output = Int(fields[2])
            else { continue }
            first = first ?? time
            requests.append(
                ServingRequest(
                    arrivesAt: time - (first ?? time), promptTokens: max(1, prompt),
                    outputTokens: max(1, output)))
        }
        return requests
    }

    /// Time of day.
    private static func nanoseconds(_ stamp: Substring) -> Nanoseconds? {
        let parts = stamp.split(separator: " ").last?.split(separator: ":") ?? []
        guard parts.count == 3, let hours = Double(parts[0]), let minutes = Double(parts[1]),
            let seconds = Double(parts[2])
        else { return nil }
        return Nanoseconds(((hours * 60 + minutes) * 60 + seconds) * 1e9)
    }

    /// Requests at random distances around a mean, of random lengths; by the seed alone.
    static func synthetic(count: Int, meanNanoseconds: Int, seed: UInt64) -> [ServingRequest] {
        var random = SeededRandom(seed: seed)
        var time: Nanoseconds = 0
        return (0..<count).map { _ in
            time += Nanoseconds(random.below(2 * meanNanoseconds))
            return ServingRequest(
                arrivesAt: time, promptTokens: 64 + random.below(2_000),
                outputTokens: 16 + random.below(200))
        }
    }
}
