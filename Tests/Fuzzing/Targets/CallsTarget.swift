import Foundation
import LuaPolicy
import Scheduling
import Wire

/// Calls into a policy, one a byte, with more bytes where a call needs them. The first byte is the
/// policy: below 128 one of those that are shipped, else a hostile script of LuaPolicyTests.
///
/// A policy dispatches only what is ready. One that is shipped never fails, hands its state over,
/// and lets everything go on an idle device in the end.
enum CallsTarget {
    private static let policies = BuiltProducts.sources.appending(path: "policies")
    private static let hostile = BuiltProducts.sources.appending(
        path: "Tests/LuaPolicyTests/hostile")
    private static let shipped = scripts(in: policies)
    private static let attackers = scripts(in: hostile)

    private static func scripts(in folder: URL) -> [(name: String, source: String)] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { $0.hasSuffix(".lua") && $0.split(separator: ".").count == 2 }.sorted()
            .map { name in
                let path = folder.appending(path: name)
                return (name, (try? String(contentsOf: path, encoding: .utf8)) ?? "")
            }
    }

    static func run(_ input: [UInt8]) -> String? {
        var choices = Choices(input)
        let selector = Int(choices.byte())
        let isShipped = selector < 128
        let all = isShipped ? shipped : attackers
        guard !all.isEmpty else { return "there are no policies to call" }
        let script = all[selector % 128 % all.count]
        guard var game = PolicyGame(script.source, name: script.name, mustWork: isShipped) else {
            return isShipped ? "\(script.name) does not load" : nil
        }
        while !choices.isOver, game.broken == nil { game.play(&choices) }
        game.finish()
        return game.broken.map { "\(script.name): \($0)" }
    }
}
