package import Scheduling
package import Wire

/// Arrivals as text, and what a policy makes of them as text.
///
///     in   p:PPPP---  d:-D--D-
///     out  PDPPDP
///
/// A lane is a client with one stream (`name:` or `name*weight:`), a column a unit of time. A
/// letter is an operation that arrives then and takes one unit, each `=` behind it one more; `-` is
/// nothing. `P`, `D` and `M` are of phase prefill, decode and mixed, other letters of none. `out`
/// is the device: what starts in each unit, `=` where it goes on, `-` where the device is idle. One
/// device.
package struct Timeline: Sendable, Equatable {
    package struct Lane: Sendable, Equatable {
        package var name: String
        package var weight: Double
        package var arrivals: [Arrival]
    }
    package struct Arrival: Sendable, Equatable {
        package var column: Int
        package var letter: Character
        package var units: Int
    }
    package var lanes: [Lane]
    /// The line that starts with `out`; nil where there is none.
    package var expected: String?

    /// Reads the form above; every line but `out`'s holds lanes.
    package init(_ text: String) throws(TimelineError) {
        lanes = []
        for line in text.split(whereSeparator: \.isNewline) {
            var words = line.split(whereSeparator: \.isWhitespace)[...]
            guard let first = words.first else { continue }
            if first == "out" {
                expected = words.dropFirst().joined()
                continue
            }
            if first == "in" { words = words.dropFirst() }
            for word in words { lanes.append(try Self.lane(word)) }
        }
        guard !lanes.isEmpty else {
            throw TimelineError("there is no lane, as p:PP-P, in the text")
        }
    }

    /// What the device does under `policy`. `unitNanoseconds` is the length of a column.
    package func play(under policy: any Policy, unitNanoseconds: Nanoseconds = 100_000) -> String {
        let simulation = Simulation(policy: policy)
        var letters: [StreamID: [Character]] = [:]
        for (index, lane) in lanes.enumerated() {
            let client = ClientID(rawValue: UInt32(index + 1))
            let stream = StreamID(client: client, index: 0)
            letters[stream] = lane.arrivals.map(\.letter)
            simulation.perform(
                .attach(ClientFacts(id: client, name: lane.name, weight: lane.weight)))
            simulation.perform(.createStream(stream, DeviceID(rawValue: 0)))
        }
        simulation.schedule(steps(unitNanoseconds))
        simulation.run()
        var columns: [Character] = []
        for operation in simulation.finished.sorted(by: { $0.startedAt < $1.startedAt }) {
            let start = Int(operation.startedAt / unitNanoseconds)
            let units = Int((operation.finishedAt - operation.startedAt) / unitNanoseconds)
            while columns.count < start { columns.append("-") }
            let letter = letters[operation.facts.stream]?[Int(operation.facts.sequence) - 1]
            columns.append(letter ?? "?")
            columns.append(contentsOf: repeatElement("=", count: max(0, units - 1)))
        }
        return String(columns)
    }

    /// The arrivals by column, those of one column in the order of the lanes.
    private func steps(_ unit: Nanoseconds) -> [WorkloadStep] {
        var steps: [(column: Int, lane: Int, step: WorkloadStep)] = []
        for (index, lane) in lanes.enumerated() {
            let stream = StreamID(client: ClientID(rawValue: UInt32(index + 1)), index: 0)
            for arrival in lane.arrivals {
                let duration = Nanoseconds(arrival.units) * unit
                let work = Submission(
                    stream: stream, payload: 0, phase: Self.phase(of: arrival.letter),
                    phaseSource: .label, costNanoseconds: duration, tokens: 1)
                let step = WorkloadStep(
                    at: Nanoseconds(arrival.column) * unit,
                    .submit(work, durationNanoseconds: duration))
                steps.append((arrival.column, index, step))
            }
        }
        return steps.sorted { ($0.column, $0.lane) < ($1.column, $1.lane) }.map(\.step)
    }

    package static func phase(of letter: Character) -> Phase {
        switch letter {
        case "P": .prefill
        case "D": .decode
        case "M": .mixed
        default: .other
        }
    }

    private static func lane(_ word: Substring) throws(TimelineError) -> Lane {
        guard let colon = word.firstIndex(of: ":") else {
            throw TimelineError(
                "\(word) is no lane; a lane is a name, a colon and letters, as p:PP-P")
        }
        let head = word[..<colon].split(separator: "*", maxSplits: 1)
        guard let name = head.first else {
            throw TimelineError("\(word) has no name before its colon")
        }
        var weight = 1.0
        if head.count == 2 {
            guard let value = Double(head[1]), value > 0 else {
                throw TimelineError(
                    "\(head[1]) is no weight; a weight is a number above 0, as p*3:PP")
            }
            weight = value
        }
        var arrivals: [Arrival] = []
        for (column, character) in word[word.index(after: colon)...].enumerated() {
            switch character {
            case "-": break
            case "=":
                guard let last = arrivals.last, last.column + last.units == column else {
                    throw TimelineError("= in \(word) has no letter to make longer")
                }
                arrivals[arrivals.count - 1].units += 1
            case _ where character.isLetter:
                arrivals.append(Arrival(column: column, letter: character, units: 1))
            default:
                throw TimelineError("\(character) in \(word) is neither a letter, nor = nor -")
            }
        }
        return Lane(name: String(name), weight: weight, arrivals: arrivals)
    }
}

/// Why a text is no timeline.
package struct TimelineError: Error, Sendable, Equatable, CustomStringConvertible {
    package var description: String
    package init(_ description: String) { self.description = description }
}
