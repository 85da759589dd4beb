import AscendCL
import Wire

/// Adds up the events of one client.
struct StatisticsBuilder {
    private let client: ClientID
    private var times = FunctionTimes()
    private var bytes: [UInt64] = []
    private var phases = [DurationHistogram](repeating: DurationHistogram(), count: 4)
    private var waits = [DurationHistogram](repeating: DurationHistogram(), count: 4)
    private var name = ""
    private var labels: [String: String] = [:]
    private var pid: Int32 = 0
    private var mode = ""
    private var calls: UInt64 = 0
    private var operations: UInt64 = 0
    private var lost: UInt64 = 0
    private var threads: Set<UInt32> = []
    private var lastThread: UInt32?
    private(set) var busyNanoseconds: Int64 = 0
    /// Ids of functions are sparse: their rows here.
    private var rows: [Int] = []
    private var functions: [FunctionID] = []
    private var sizeWords: [Int?] = []
    private var touched: [UInt32: UInt64] = [:]

    init(_ client: ClientID) { self.client = client }

    mutating func take(_ step: StreamStep, _ stream: borrowing StreamReader) {
        switch step {
        case .call:
            let row = row(stream.call.function, stream)
            calls += 1
            times.add(row, stream.call.durationNanoseconds, isOperation: false)
            if stream.call.thread != lastThread {
                lastThread = stream.call.thread
                threads.insert(stream.call.thread)
            }
            if stream.call.signature != 0 {
                bytes[row] &+= touched[stream.call.signature] ?? 0
            } else if let word = sizeWords[row], word < stream.call.words.count {
                bytes[row] &+= stream.call.words[word]
            }
        case .operation:
            let ran = stream.operation.finishedAt &- stream.operation.startedAt
            let row = row(stream.operation.function, stream)
            operations += 1
            busyNanoseconds &+= max(0, ran)
            times.add(row, ran, isOperation: true)
            let phase = Int(stream.operation.phase.rawValue)
            phases[phase].add(ran)
            waits[phase].add(stream.operation.dispatchedAt &- stream.operation.readyAt)
        case .other: if let event = stream.event { take(event) }
        case .end: break
        }
    }

    private mutating func take(_ event: TraceEvent) {
        switch event {
        case .client(let change):
            name = change.name
            labels = change.labels
            pid = change.pid
            mode = change.mode
        case .signature(let signature):
            let decoded = try? SignatureDecoder.decode(signature.encoded)
            touched[signature.signature] = decoded.map { Self.bytes(of: $0) } ?? 0
        case .lost(let event): lost &+= event.count
        default: break
        }
    }

    private static func bytes(of signature: Signature) -> UInt64 {
        signature.tensors.reduce(0) { sum, tensor in
            guard !tensor.isMalformed, let touched = tensor.touchedBytes else { return sum }
            return sum &+ UInt64(clamping: touched.end &- touched.first)
        }
    }

    private mutating func row(_ id: FunctionID, _ stream: borrowing StreamReader) -> Int {
        let index = Int(id.rawValue)
        while rows.count <= index { rows.append(-1) }
        if rows[index] < 0 {
            rows[index] = functions.count
            functions.append(id)
            bytes.append(0)
            let parameters = stream.functionNames.table[id]?.parameters ?? []
            sizeWords.append(parameters.firstIndex { ["count", "size"].contains($0.name) })
        }
        return rows[index]
    }

    func finished(_ names: FunctionNames, busy: Int64) -> TraceStatistics.Client {
        let found = functions.enumerated().map { row, id in
            TraceStatistics.Function(
                name: names[id], calls: .init(times.calls(row)),
                operations: .init(times.operations(row)), bytes: bytes[row])
        }
        return TraceStatistics.Client(
            id: client.rawValue, name: name, labels: labels, pid: pid, mode: mode, calls: calls,
            operations: operations, lost: lost, threads: threads.count,
            busyNanoseconds: busyNanoseconds,
            share: busy > 0 ? Double(busyNanoseconds) / Double(busy) : 0,
            phases: Phase.allCases.compactMap { phase in
                let index = Int(phase.rawValue)
                guard phases[index].count > 0 else { return nil }
                return TraceStatistics.PhaseStatistics(
                    phase: "\(phase)", operations: .init(phases[index]), waits: .init(waits[index]))
            },
            functions: found.sorted { a, b in
                let first = max(a.operations.totalNanoseconds, a.calls.totalNanoseconds)
                let second = max(b.operations.totalNanoseconds, b.calls.totalNanoseconds)
                return (second, a.name) < (first, b.name)
            })
    }
}
