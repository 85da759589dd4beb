import Scheduling

/// One thing that happens to a daemon, and three numbers that say to whom and how.
///
/// Whoever carries it out reads the numbers as far as they make sense in its state, so any list of
/// steps is a run, and so is what is left of it when some are taken out: that is what makes a run
/// that fails small.
struct FaultStep: Equatable, CustomStringConvertible {
    var kind: Kind
    var numbers: [UInt64]

    enum Kind: String, CaseIterable {
        // Programs that keep to the protocol.
        case work, ask, threadComes, threadGoes, programGoes, programBreaks
        // Programs that do not.
        case strangerComes, strangerWrites, strangerFloods, strangerScribbles, strangerGoes
        // Devices.
        case finish, fail, answer, refuse
        // The daemon itself.
        case pass, time, settle, exchangePolicy, record, calm

        /// How often it happens, beside the others.
        var weight: Int {
            switch self {
            case .work: 100
            case .ask: 40
            case .finish: 60
            case .answer: 40
            case .pass: 40
            case .settle: 20
            case .strangerWrites: 20
            case .fail, .refuse, .time, .exchangePolicy: 5
            case .strangerComes, .strangerGoes, .strangerScribbles: 3
            case .threadComes, .threadGoes, .programGoes, .strangerFloods, .calm: 2
            case .programBreaks, .record: 1
            }
        }
    }

    /// The steps of a seed.
    static func steps(seed: UInt64, count: Int) -> [FaultStep] {
        var random = SeededRandom(seed: seed)
        let deck = Kind.allCases.flatMap { [Kind](repeating: $0, count: $0.weight) }
        return (0..<count).map { _ in
            FaultStep(
                kind: deck[random.below(deck.count)],
                numbers: [random.next(), random.next(), random.next()])
        }
    }

    var description: String {
        "\(kind.rawValue)(\(numbers.map { String($0, radix: 16) }.joined(separator: ", ")))"
    }
}
