import CostModel
import Scheduling
import Simulator
import Wire

/// A serving engine on a simulated chip: one program with a stream for prompts and one for decode
/// steps, each with one pass under way at most.
final class ServingSimulation {
    /// What the engine gives each stream, and in what portions the scheduler sees a pass.
    struct Setting {
        /// Cores of a pass while the other stream has one under way; nil is all.
        var prefillCores: Int?
        var decodeCores: Int?
        /// Works of a chip that the scheduler decides on as one operation.
        var worksPerOperation = 1
    }
    private(set) var engine = ServingEngine()
    let simulation: Simulation
    private let setting: Setting
    private let prefill: StreamID
    private let decode: StreamID
    private let rates = ChipRates(chip: .ascend910B2)
    /// Operations of the pass under way, by stream.
    private var prefillOpen = 0
    private var decodeOpen = 0
    private(set) var operations = 0

    init(_ requests: [ServingRequest], setting: Setting, policy: any Policy) {
        self.setting = setting
        simulation = Simulation(keepsHistory: false, policyHost: PolicyHost(policy))
        let client = ClientID(rawValue: 1)
        prefill = StreamID(client: client, index: 0)
        decode = StreamID(client: client, index: 1)
        simulation.perform(.attach(ClientFacts(id: client, name: "serve")))
        simulation.perform(.createStream(prefill, DeviceID(rawValue: 0)))
        simulation.perform(.createStream(decode, DeviceID(rawValue: 0)))
        simulation.onFinish = { [unowned self] _, life in endOperation(life) }
        for request in requests {
            simulation.schedule(at: request.arrivesAt) { [unowned self] _ in
                engine.addRequest(request)
                beginPasses()
            }
        }
    }

    func run() { simulation.run() }

    private func endOperation(_ life: FinishedOperation) {
        operations += 1
        if life.facts.stream == prefill {
            prefillOpen -= 1
            if prefillOpen == 0 { engine.endPrefill(at: life.finishedAt) }
        } else {
            decodeOpen -= 1
            if decodeOpen == 0 { engine.endDecode(at: life.finishedAt) }
        }
        beginPasses()
    }

    private func beginPasses() {
        if decodeOpen == 0, let pass = engine.beginDecode() {
            let works = pass.works(coresMax: prefillOpen > 0 ? setting.decodeCores : nil)
            decodeOpen = submit(works, to: decode, .decode, tokens: pass.sequences)
        }
        if prefillOpen == 0, let pass = engine.beginPrefill() {
            let works = pass.works(coresMax: decodeOpen > 0 ? setting.prefillCores : nil)
            prefillOpen = submit(works, to: prefill, .prefill, tokens: pass.newTokens)
        }
    }

    /// - Returns: how many operations the works became.
    private func submit(_ works: [ChipWork], to stream: StreamID, _ phase: Phase, tokens: Int)
        -> Int
    {
        var count = 0
        var first = 0
        while first < works.count {
            let end = min(works.count, first + setting.worksPerOperation)
            let part = Array(works[first..<end])
            let cost = part.reduce(0) { $0 + rates.aloneNanoseconds($1) }
            simulation.perform(
                .launch(
                    Submission(
                        stream: stream, payload: 0, phase: phase, phaseSource: .mark,
                        costNanoseconds: cost, tokens: UInt32(tokens)),
                    part))
            first = end
            count += 1
        }
        return count
    }
}
