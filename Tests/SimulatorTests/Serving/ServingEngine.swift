import Wire

/// A request: when it comes, and its tokens.
struct ServingRequest: Equatable {
    var arrivesAt: Nanoseconds
    var promptTokens: Int
    var outputTokens: Int
}

/// A serving engine with continuous batching, as a value: prompts first come, first served, in
/// chunks, one at a time; all sequences under way in each decode step. It says which pass comes
/// next and is told when that is done.
struct ServingEngine {
    private struct Sequence {
        var context: Int
        var tokensLeft: Int
        var lastTokenAt: Nanoseconds
    }
    let chunkTokens: Int
    /// Tokens whose keys and values fit beside the weights, with some headroom.
    let cacheTokensMax: Int
    private(set) var timesToFirstToken: [Nanoseconds] = []
    private(set) var timesBetweenTokens: [Nanoseconds] = []
    private(set) var finishedRequests = 0

    private var waiting: [ServingRequest] = []
    private var firstWaiting = 0
    /// Tokens of the first waiting prompt that are done or under way.
    private var promptDone = 0
    private var sequences: [Sequence] = []
    /// Sequences that the decode step under way began with.
    private var stepSequences = 0
    private var contextTokens = 0
    private var cacheTokens = 0

    init(chunkTokens: Int = 2048, cacheTokensMax: Int = 760_000) {
        self.chunkTokens = chunkTokens
        self.cacheTokensMax = cacheTokensMax
    }

    mutating func addRequest(_ request: ServingRequest) { waiting.append(request) }

    /// The next part of the first prompt; nil where there is none, or no room for it.
    mutating func beginPrefill() -> TransformerPass? {
        guard firstWaiting < waiting.count else { return nil }
        let prompt = waiting[firstWaiting].promptTokens
        if promptDone == 0 {
            let needed = prompt + waiting[firstWaiting].outputTokens
            guard cacheTokens == 0 || cacheTokens + needed <= cacheTokensMax else { return nil }
            cacheTokens += needed
        }
        let new = min(chunkTokens, prompt - promptDone)
        let pass = TransformerPass(
            newTokens: new, cachedTokens: promptDone, emitting: promptDone + new == prompt ? 1 : 0)
        promptDone += new
        return pass
    }

    mutating func endPrefill(at now: Nanoseconds) {
        let request = waiting[firstWaiting]
        guard promptDone == request.promptTokens else { return }
        timesToFirstToken.append(now - request.arrivesAt)
        promptDone = 0
        firstWaiting += 1
        let sequence = Sequence(
            context: request.promptTokens, tokensLeft: request.outputTokens - 1, lastTokenAt: now)
        guard sequence.tokensLeft > 0 else { return finish(sequence) }
        sequences.append(sequence)
        contextTokens += sequence.context
    }

    /// A step of all sequences under way; nil where there are none.
    mutating func beginDecode() -> TransformerPass? {
        guard !sequences.isEmpty else { return nil }
        stepSequences = sequences.count
        return TransformerPass(
            sequences: stepSequences, contextTokens: contextTokens, emitting: stepSequences)
    }

    mutating func endDecode(at now: Nanoseconds) {
        var kept = 0
        for index in sequences.indices {
            if index < stepSequences {
                timesBetweenTokens.append(now - sequences[index].lastTokenAt)
                sequences[index].lastTokenAt = now
                sequences[index].context += 1
                sequences[index].tokensLeft -= 1
                contextTokens += 1
            }
            if sequences[index].tokensLeft > 0 {
                sequences[kept] = sequences[index]
                kept += 1
            } else {
                contextTokens -= sequences[index].context
                finish(sequences[index])
            }
        }
        sequences.removeLast(sequences.count - kept)
    }

    private mutating func finish(_ sequence: Sequence) {
        finishedRequests += 1
        // What was taken at the start: the prompt and every token of the answer.
        cacheTokens -= sequence.context + 1
    }
}
