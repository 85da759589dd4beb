import AscendCL
import Device
import Foundation
import LinuxIO
import Testing
import Wire

/// A copy of a device library of a test's own: one loaded library is one device for the process.
enum TestLibraries {
    /// The software device, beside the test bundle.
    static func softwareDevice() throws -> DeviceLibrary {
        let built = products.appending(path: "libflexnpu-device.so")
        return try load(
            try #require(FileManager.default.fileExists(atPath: built.path) ? built : nil))
    }

    /// The device that does what a test says.
    static func faultDevice() throws -> FaultDevice {
        FaultDevice(library: try load(try withTimestamps.get()))
    }

    /// The same, which tells its events' times in nanoseconds as the software device does.
    static func nanosecondDevice() throws -> FaultDevice {
        FaultDevice(library: try load(try withNanoseconds.get()))
    }

    private static let products = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent()

    private static let folder: URL = {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "flexnpu-device-tests.\(ProcessInfo.processInfo.processIdentifier)")
        try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        // Libraries are loaded by then.
        atexit {
            try? FileManager.default.removeItem(at: TestLibraries.folder)
        }
        return folder
    }()

    private static func load(_ file: URL) throws -> DeviceLibrary {
        let copy = folder.appending(path: "\(UUID().uuidString).so")
        try FileManager.default.copyItem(at: file, to: copy)
        defer { try? FileManager.default.removeItem(at: copy) }
        return try DeviceLibrary(path: copy.path)
    }

    private static let withTimestamps = Result<URL, any Error> { try compile([]) }
    private static let withNanoseconds = Result<URL, any Error> {
        try compile(["-DEVENT_NANOSECONDS"])
    }

    private static func compile(_ flags: [String]) throws -> URL {
        let source = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "fault_device.c")
        let library = folder.appending(path: "fault\(flags.count).so")
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments =
            [
                ProcessInfo.processInfo.environment["CC"] ?? "clang", "-O1", "-shared", "-fPIC",
                "-Wall", "-Wextra", "-Werror", source.path, "-o", library.path,
            ] + flags
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw DeviceError(code: process.terminationStatus, message: "fault_device.c")
        }
        return library
    }
}

/// The faults of `fault_device.c`, by its numbers.
struct FaultDevice {
    enum Fault: Int32 {
        case manual, launch, phaseOne, query, record, wait, late, blockLaunch, blockInfo
        case notRepeatable, clockOffset
    }
    enum Count: Int32 {
        case launch, record, wait, query, tensor, scalar, phaseOne, limit, use, unuse, info
        case live, list, executor, abort
    }

    let library: DeviceLibrary

    func set(_ fault: Fault, _ value: Int32) {
        typealias Function = @convention(c) (Int32, Int32) -> Void
        call("fault_set", Function.self)?(fault.rawValue, value)
    }

    func count(_ count: Count) -> Int64 {
        typealias Function = @convention(c) (Int32) -> Int64
        return call("fault_count", Function.self)?(count.rawValue) ?? -1
    }

    /// So many tasks more of that stream are done; records count as tasks.
    func finish(_ stream: Int32, _ tasks: UInt64 = 1 << 40) {
        typealias Function = @convention(c) (Int32, UInt64) -> Void
        call("fault_finish", Function.self)?(stream, tasks)
    }

    func waitSubmitted(_ stream: Int32, _ tasks: UInt64) {
        typealias Function = @convention(c) (Int32, UInt64) -> Void
        call("fault_wait_submitted", Function.self)?(stream, tasks)
    }

    func wait(_ count: Count, _ value: Int64) {
        typealias Function = @convention(c) (Int32, Int64) -> Void
        call("fault_wait_count", Function.self)?(count.rawValue, value)
    }

    private func call<Function>(_ name: String, _ type: Function.Type) -> Function? {
        library.address(of: name).map { unsafeBitCast($0, to: type) }
    }
}

/// An executor with a loop's bell, and the waiting that a loop does.
final class Bench {
    let executor: any DeviceExecutor
    let bell: EventFD
    let doorbell: LoopDoorbell
    private(set) var seen: [DeviceCompletion] = []
    private var nextTicket: UInt64 = 1 << 32

    enum Kind: String, Codable, CaseIterable, Sendable {
        case threaded, inline
    }

    /// `isInline`: the library computes in the calling thread.
    init(
        _ kind: Kind, _ library: DeviceLibrary, isInline: Bool? = nil,
        bounds: KernelBounds = KernelBounds()
    ) throws {
        bell = try EventFD()
        doorbell = LoopDoorbell(bell)
        let runtime = try AscendRuntime(library: library, runInline: isInline ?? (kind == .inline))
        let operators = try OperatorLibrary(library: library)
        executor =
            switch kind {
            case .threaded:
                try ThreadedExecutor(
                    device: 0, access: runtime.access, operators: operators, functions: .standard,
                    doorbell: doorbell, bounds: bounds)
            case .inline:
                try InlineExecutor(
                    device: 0, runtime: runtime, operators: operators, functions: .standard,
                    doorbell: doorbell, bounds: bounds)
            }
    }

    deinit { executor.stop() }

    /// Waits for the next completion as the loop does; nil after ten seconds without one.
    func next() -> DeviceCompletion? {
        while true {
            if let completion = poll() { return completion }
            doorbell.prepareSleep()
            if let completion = poll() {
                doorbell.finishSleep()
                return completion
            }
            var entry = pollfd(fd: bell.rawValue, events: Int16(POLLIN), revents: 0)
            guard Glibc.poll(&entry, 1, 10_000) > 0 else { return nil }
            bell.drain()
        }
    }

    func poll() -> DeviceCompletion? {
        let completion = executor.nextCompletion()
        if let completion { seen.append(completion) }
        return completion
    }

    func next(_ count: Int) -> [DeviceCompletion] {
        (0..<count).compactMap { _ in next() }
    }

    /// Asks and waits for the answer; completions before it are in `seen`.
    func ask(_ ask: DeviceAsk, lane: UInt32 = 0) throws -> DeviceAnswer {
        nextTicket += 1
        executor.ask(ask, lane: lane, ticket: nextTicket)
        while let completion = next() {
            if case .answer(nextTicket, let answer) = completion { return answer }
        }
        throw DeviceError(code: -1, message: "no answer")
    }

    /// Asks what must succeed.
    @discardableResult
    func require(_ ask: DeviceAsk, lane: UInt32 = 0) throws -> [UInt64] {
        let answer = try self.ask(ask, lane: lane)
        if answer.status != 0 { throw DeviceError(code: answer.status, message: answer.message) }
        return answer.words
    }

    func makeStream(_ number: UInt32, priority: UInt32 = 0) throws {
        try require(.createStream(number, priority: priority, flags: 0))
    }

    func allocate(_ bytes: UInt64) throws -> UInt64 {
        try require(.allocate(bytes: bytes, policy: 0))[0]
    }

    func prepare(_ plan: UInt32, _ name: String, _ encoded: [UInt8], _ values: [UInt64]) throws {
        let function = try #require(APITable.standard.function(named: name + "GetWorkspaceSize"))
        try require(
            .preparePlan(plan, function: function.id, encoded: encoded, values: values))
    }

    func launch(
        _ ticket: UInt64, stream: UInt32, plan: UInt32, _ values: [UInt64],
        predicted: Nanoseconds = 2000
    ) {
        executor.submit(
            .launch(
                LaunchCommand(
                    ticket: ticket, stream: stream, plan: plan, predictedNanoseconds: predicted)),
            words: values.span)
    }

    /// The 64-bit integers at a device address.
    func read(_ address: UInt64, count: Int) throws -> [Int64] {
        let memory = UnsafeMutablePointer<Int64>.allocate(capacity: count)
        defer { memory.deallocate() }
        try require(
            .copyNow(
                destination: UInt64(UInt(bitPattern: memory)), source: address,
                bytes: UInt64(count * 8), kind: .deviceToHost, inline: []))
        return Array(UnsafeBufferPointer(start: memory, count: count))
    }

    func write(_ values: [Int64], to address: UInt64) throws {
        let bytes = values.withUnsafeBytes { Array($0) }
        try require(
            .copyNow(
                destination: address, source: 0, bytes: UInt64(bytes.count), kind: .hostToDevice,
                inline: bytes))
    }
}

/// Bytes of `fx_item`s, as the interposer writes them.
struct PlanEncoder {
    private(set) var bytes: [UInt8] = []

    mutating func word(_ value: UInt64) {
        for index in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: value >> (UInt64(index) * 8))) }
    }

    /// `mode`: 0 a value follows, 1 NULL, 2 the value travels.
    mutating func head(
        _ kind: Character, mode: UInt64 = 0, view: Int = 0, storage: Int = 0, type: Int16 = 0,
        count: Int = 0
    ) {
        var first = UInt64(kind.asciiValue ?? 0) | mode << 8
        first |= UInt64(view) << 16 | UInt64(storage) << 24
        first |= UInt64(UInt16(bitPattern: type)) << 32 | 2 << 48
        word(first)
        word(UInt64(count))
    }

    /// One row of `count` elements, in a storage of `storage`.
    mutating func row(_ count: Int, type: Int16 = 9, storage: Int? = nil) {
        head("T", view: 1, storage: 1, type: type)
        word(UInt64(count))
        word(1)
        word(0)
        word(UInt64(storage ?? count))
    }

    /// One element of a storage of one, so many times.
    mutating func repeated(_ count: Int, type: Int16 = 9) {
        head("T", view: 1, storage: 1, type: type)
        word(UInt64(count))
        word(0)
        word(0)
        word(1)
    }

    mutating func scalar(type: Int16 = 9) { head("S", mode: 2, type: type) }

    /// aclnnAdd over rows of 64-bit integers: out = self + alpha × other.
    static func add(_ count: Int) -> [UInt8] {
        var encoder = PlanEncoder()
        encoder.row(count)
        encoder.row(count)
        encoder.scalar()
        encoder.row(count)
        return encoder.bytes
    }

    /// aclnnInplaceFillScalar over one element, so many times.
    static func repeatedFill(_ count: Int) -> [UInt8] {
        var encoder = PlanEncoder()
        encoder.repeated(count)
        encoder.scalar()
        return encoder.bytes
    }

    /// aclnnMuls over rows of 64-bit integers: out = self × other.
    static func multiply(_ count: Int) -> [UInt8] {
        var encoder = PlanEncoder()
        encoder.row(count)
        encoder.scalar()
        encoder.row(count)
        return encoder.bytes
    }
}

/// Numbers that come again for the same seed.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        return word ^ (word >> 31)
    }
}

extension Bench {
    /// What the fault device calls stream 0 of `withAddition`.
    static let deviceStream: Int32 = 1

    /// A bench with stream 0 and plan 1, an addition.
    static func withAddition(
        _ kind: Kind, _ device: FaultDevice, isInline: Bool? = nil
    ) throws -> Bench {
        let bench = try Bench(kind, device.library, isInline: isInline)
        try bench.makeStream(0, priority: UInt32(deviceStream))
        try bench.prepare(1, "aclnnAdd", PlanEncoder.add(1), additionValues(0))
        return bench
    }

    /// Values of a launch of the addition, which `alpha` tells from others.
    static func additionValues(_ alpha: UInt64) -> [UInt64] {
        [0x1000, 0, 0x2000, 0, alpha, 0, 0x1000, 0]
    }
}

extension DeviceCompletion {
    var ticket: UInt64? {
        switch self {
        case .operation(let ticket, _, _), .failed(let ticket, _, _, _): ticket
        default: nil
        }
    }
    var answer: DeviceAnswer? {
        if case .answer(_, let answer) = self { answer } else { nil }
    }
    var answerTicket: UInt64? {
        if case .answer(let ticket, _) = self { ticket } else { nil }
    }
    var error: DeviceError? {
        switch self {
        case .failed(_, let error, _, _), .markFailed(_, let error): error
        default: nil
        }
    }
}
