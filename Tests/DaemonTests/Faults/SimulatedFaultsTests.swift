import Foundation
import Testing

/// The whole loop, driven from a seed: programs, strangers, devices, policies and time do what they
/// like, and after each step every promise is looked at.
///
/// `FLEXNPU_FAULT_SEEDS=FIRST+COUNT` runs others than the 2,000 that `tools/test` runs. What fails
/// is shrunk to a few steps before it is told.
@Suite struct SimulatedFaultsTests {
    private static let chunks: UInt64 = 8

    private static let seeds: Range<UInt64> = {
        let told = ProcessInfo.processInfo.environment["FLEXNPU_FAULT_SEEDS"] ?? "1+2000"
        let numbers = told.split(separator: "+").compactMap { UInt64($0) }
        guard numbers.count == 2 else { preconditionFailure("FLEXNPU_FAULT_SEEDS is \(told)") }
        return numbers[0]..<numbers[0] + numbers[1]
    }()

    @Test(arguments: 0..<chunks)
    func `any faults, and every promise is kept`(chunk: UInt64) throws {
        for seed in Self.seeds where seed % Self.chunks == chunk {
            guard try passes(seed, steps: 250, FaultWorld.Setting()) else { return }
        }
    }

    @Test(arguments: [64, 3])
    func `many programs beside each other`(depth: Int) throws {
        let setting = FaultWorld.Setting(programs: 64, strangersMax: 8, streamDepthMax: depth)
        _ = try passes(UInt64(depth), steps: 6000, setting)
    }

    private func passes(_ seed: UInt64, steps: Int, _ setting: FaultWorld.Setting) throws -> Bool {
        let run = FaultRun(seed: seed, setting: setting)
        guard let failure = try run.failure(of: FaultStep.steps(seed: seed, count: steps)) else {
            return true
        }
        Issue.record("seed \(seed): \(try run.shrink(failure))")
        return false
    }
}
