import Foundation
import FuzzTargets
import Testing

/// Every kept input of every target, and inputs made from them: no promise is broken, and nothing
/// traps. `tools/fuzz` looks for new ones.
@Suite(.serialized) struct CorpusTests {
    /// Mutations of each target's corpus.
    private static let mutations = 2000
    private static let corpusBytesMax = 200 << 10

    @Test(arguments: FuzzTarget.allCases)
    func `what is kept breaks nothing`(target: FuzzTarget) throws {
        let inputs = try Corpora.inputs(of: target)
        #expect(inputs.count >= 5, "\(target.rawValue) has hardly a corpus")
        for (name, bytes) in inputs {
            let broken = target.run(bytes)
            #expect(broken == nil, "\(target.rawValue)/\(name): \(broken ?? "")")
        }
    }

    @Test(arguments: FuzzTarget.allCases)
    func `what is made from it breaks nothing`(target: FuzzTarget) throws {
        let given = ProcessInfo.processInfo.environment["FLEXNPU_SEED"].flatMap(UInt64.init)
        let seed = given ?? UInt64.random(in: 1 ... .max)
        print("seed \(seed) of the inputs for \(target.rawValue)")
        var mutator = Mutator(seed: seed, corpus: try Corpora.inputs(of: target).map(\.bytes))
        for number in 0..<Self.mutations {
            let input = mutator.next()
            // A trap leaves the input behind, for tools/fuzz.
            try Data(input).write(to: Self.latest)
            guard let broken = target.run(input) else { continue }
            Issue.record("\(target.rawValue), seed \(seed), input \(number): \(broken)")
            return
        }
        try FileManager.default.removeItem(at: Self.latest)
    }

    private static let latest = FileManager.default.temporaryDirectory.appending(
        path: "flexnpu-fuzz-input.\(ProcessInfo.processInfo.processIdentifier)")

    /// `tools/fuzz --seeds` writes them.
    @Test(arguments: FuzzTarget.allCases)
    func `each corpus holds what was made for it by hand`(target: FuzzTarget) throws {
        let kept = Set(try Corpora.inputs(of: target).map(\.name))
        #expect(Set(try target.seeds().keys).subtracting(kept).sorted() == [])
    }

    @Test func `the corpora are small`() throws {
        let sizes = try FuzzTarget.allCases.flatMap { target in
            try Corpora.inputs(of: target).map(\.bytes.count)
        }
        #expect(sizes.reduce(0, +) <= Self.corpusBytesMax)
    }
}
