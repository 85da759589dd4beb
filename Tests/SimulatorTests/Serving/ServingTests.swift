import CostModel
import Foundation
import Scheduling
import Simulator
import Testing
import Wire

/// Dispatches whatever is ready at once: the chip runs decode beside prefill, each on the cores that
/// its stream has.
final class BesidePolicy: Policy {
    let name = "beside"
    let version = 1
    let origin = "test"
    private var lists = OperationLists()
    func attach(_ client: ClientFacts, now: Nanoseconds) -> PolicyBreach? { nil }
    func detach(_ client: ClientID, now: Nanoseconds) -> PolicyBreach? { nil }
    func ready(_ operation: OperationFacts, now: Nanoseconds) -> PolicyBreach? {
        lists.append(operation.id, to: 0)
        return nil
    }
    func decide(_ load: DeviceLoad, now: Nanoseconds) -> Decision {
        guard let id = lists.first(in: 0) else { return .hold(wakeAt: nil) }
        lists.remove(id)
        return .dispatch(id, line: 1)
    }
    func done(_ operation: OperationFacts, tookNanoseconds: Nanoseconds, now: Nanoseconds)
        -> PolicyBreach?
    { nil }
    func drop(_ operation: OperationFacts, reason: DropReason, now: Nanoseconds) -> PolicyBreach? {
        lists.remove(operation.id)
        return nil
    }
    func forget(_ operation: OperationID) { lists.remove(operation) }
    var options: [PolicyOption] { [] }
    func set(_ key: String, to value: String) throws {}
    func save() -> SavedState? { nil }
}

@Suite struct ServingTests {
    typealias Setting = ServingSimulation.Setting

    private func serve(
        _ requests: [ServingRequest], _ setting: Setting, _ policy: any Policy
    ) -> ServingSimulation {
        let serving = ServingSimulation(requests, setting: setting, policy: policy)
        serving.run()
        #expect(serving.simulation.refusals.isEmpty)
        return serving
    }

    @Test func `a lone request takes what its passes take`() {
        let request = ServingRequest(arrivesAt: 5_000, promptTokens: 1024, outputTokens: 3)
        let engine = serve([request], Setting(), FIFOPolicy()).engine
        let rates = ChipRates(chip: .ascend910B2)
        let time = { (pass: TransformerPass) in
            pass.works(coresMax: nil).reduce(0) { $0 + rates.aloneNanoseconds($1) }
        }
        #expect(
            engine.timesToFirstToken == [time(TransformerPass(newTokens: 1024, emitting: 1))])
        #expect(
            engine.timesBetweenTokens
                == [1024, 1025].map {
                    time(TransformerPass(sequences: 1, contextTokens: $0, emitting: 1))
                })
    }

    @Test func `everybody is served, the same way each time`() {
        let requests = RequestTrace.synthetic(count: 60, meanNanoseconds: 200_000_000, seed: 11)
        let settings = [
            Setting(), Setting(prefillCores: 16, decodeCores: 8),
            Setting(prefillCores: 16, decodeCores: 8, worksPerOperation: 100),
        ]
        for setting in settings {
            let first = serve(requests, setting, BesidePolicy()).engine
            let second = serve(requests, setting, BesidePolicy()).engine
            #expect(first.finishedRequests == 60)
            let tokens = requests.reduce(0) { $0 + $1.outputTokens - 1 }
            #expect(first.timesBetweenTokens.count == tokens)
            #expect(first.timesToFirstToken == second.timesToFirstToken)
            #expect(first.timesBetweenTokens == second.timesBetweenTokens)
        }
    }

    @Test func `decode beside prefill shortens the longest waits for a token`() {
        let requests = RequestTrace.synthetic(count: 120, meanNanoseconds: 150_000_000, seed: 12)
        let whole = Setting(worksPerOperation: 100)
        let fifo = ServingReport(serve(requests, whole, FIFOPolicy()).engine)
        let split = Setting(prefillCores: 16, decodeCores: 8, worksPerOperation: 100)
        let beside = ServingReport(serve(requests, split, BesidePolicy()).engine)
        #expect(beside.betweenTokens.p99 < fifo.betweenTokens.p99, "\(beside)\n\(fifo)")
    }

    @Test func `a trace's rows are read`() {
        let requests = RequestTrace.azure(
            """
            TIMESTAMP,ContextTokens,GeneratedTokens
            2023-11-16 18:15:46.5000000,374,44
            2023-11-16 18:16:50.7500000,396,109
            """)
        #expect(
            requests == [
                ServingRequest(arrivesAt: 0, promptTokens: 374, outputTokens: 44),
                ServingRequest(arrivesAt: 64_250_000_000, promptTokens: 396, outputTokens: 109),
            ])
    }

    /// Not a check but a measurement: prints a table where FLEXNPU_REQUEST_TRACE names a trace in
    /// the Azure form.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["FLEXNPU_REQUEST_TRACE"] != nil))
    func `a recorded trace under several policies`() throws {
        let path = try #require(ProcessInfo.processInfo.environment["FLEXNPU_REQUEST_TRACE"])
        let requests = RequestTrace.azure(try String(contentsOfFile: path, encoding: .utf8))
        var rows: [(String, Setting, any Policy)] = [
            ("fifo, operations", Setting(), FIFOPolicy()),
            ("fifo, passes", Setting(worksPerOperation: 100), FIFOPolicy()),
            ("beside, all cores each", Setting(), BesidePolicy()),
        ]
        for decode in [4, 6, 8, 12] {
            let setting = Setting(
                prefillCores: 24 - decode, decodeCores: decode, worksPerOperation: 100)
            rows.append(("beside \(24 - decode)/\(decode), passes", setting, BesidePolicy()))
        }
        for (name, setting, policy) in rows {
            let begin = Self.processSeconds()
            let serving = serve(requests, setting, policy)
            let seconds = Self.processSeconds() - begin
            let simulated = Double(serving.simulation.now) / 1e9
            #expect(serving.engine.finishedRequests == requests.count)
            print(
                "\(name): \(ServingReport(serving.engine)); \(serving.operations) operations in "
                    + "\(Int(simulated)) s, \(Int(simulated / seconds)) device-seconds a second")
        }
    }

    /// Time of the processor, since other programs may share it. No other test may run beside this.
    private static func processSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
