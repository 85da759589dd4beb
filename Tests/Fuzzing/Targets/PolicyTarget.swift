import Foundation
import LuaPolicy
import Scheduling
import Wire

/// A policy's source text: checked, loaded, and each of its hooks called.
///
/// What does not compile is also what the check refuses, and whatever it says about itself can be
/// sent to a command.
enum PolicyTarget {
    static func run(_ input: [UInt8]) -> String? {
        let source = String(decoding: input, as: UTF8.self)
        let findings = PolicyCheck.check(source: source, path: "/somewhere/fuzzed.lua")
        do throws(PolicyLoadError) {
            let policy = try LuaPolicy.load(
                source: source, path: "/somewhere/fuzzed.lua",
                clients: [PolicyWork.client(1)], devices: [PolicyWork.device])
            return exercise(policy)
        } catch {
            if error.message.isEmpty { return "a failed load says nothing" }
            let isRefused = findings.contains { $0.severity == .error }
            return error.step != .compile || isRefused ? nil : "the check finds nothing wrong"
        }
    }

    private static func exercise(_ policy: LuaPolicy) -> String? {
        for number in 0..<4 {
            _ = policy.ready(PolicyWork.operation(UInt32(number)), now: 1000)
        }
        for step in 0..<6 {
            let answer = policy.decide(PolicyWork.idle, now: Nanoseconds(step) * 1_000_000)
            guard case .dispatch(let id, _, _, let note) = answer else { continue }
            if id.slot >= 4 { return "it dispatched what it was never given" }
            _ = policy.note(note)
            let facts = PolicyWork.operation(id.slot)
            _ = policy.done(facts, tookNanoseconds: 1000, now: 2000)
        }
        _ = policy.drop(PolicyWork.operation(0), reason: .streamAborted, now: 3000)
        _ = policy.detach(PolicyWork.client(1).id, now: 3000)
        for option in policy.options { try? policy.set(option.key, to: option.standard) }
        _ = try? policy.save()
        _ = policy.takeLog()
        return (try? JSONEncoder().encode(policy.options)) == nil
            ? "its options cannot be sent" : nil
    }
}
