import LinuxIO
import Synchronization
import Wire

/// Puts operations on streams of one device, from the thread that it belongs to.
final class OperationStarter<Stream: StreamWork> {
    let runtime: AscendRuntime
    private let operators: OperatorLibrary
    private let tables: DeviceTables
    private let device: Int32
    private let side: DeviceTables.Starter
    private var streams: [Stream?] = []
    private var kernels: KernelCache
    private var knownRemovals: UInt64 = 0
    /// Whose limits this thread's phase one goes by.
    private var limitingStream: Stream?
    private(set) var figures = ExecutorFigures()

    init(
        device: Int32, runtime: AscendRuntime, operators: OperatorLibrary, tables: DeviceTables,
        side: DeviceTables.Starter, bounds: KernelBounds
    ) {
        self.device = device
        self.runtime = runtime
        self.operators = operators
        self.tables = tables
        self.side = side
        kernels = KernelCache(bounds)
        tables.join(side)
    }

    /// Lets go of streams and plans that are no more. Called before each command.
    func forgetRemoved(_ willForget: (Stream) -> Void = { _ in }) {
        for removal in tables.takeRemovals(for: side, known: &knownRemovals) {
            switch removal {
            case .plan(let number): kernels.remove(number)
            case .stream(let number):
                guard Int(number) < streams.count, let stream = streams[Int(number)] else {
                    continue
                }
                willForget(stream)
                if limitingStream === stream { limitingStream = nil }
                freeWorkspaces(of: stream, alsoCurrent: true)
                streams[Int(number)] = nil
            }
        }
    }

    func stream(_ number: UInt32) throws(DeviceError) -> Stream {
        let index = Int(number)
        if let stream = knownStream(number) { return stream }
        guard let entry = tables.stream(number) else {
            throw DeviceError(code: 107_003, message: "no stream \(number) here")
        }
        while streams.count <= index { streams.append(nil) }
        let stream = unsafe Stream(number: number, handle: entry.handle)
        streams[index] = stream
        return stream
    }

    /// The stream, where something was put on it.
    func knownStream(_ number: UInt32) -> Stream? {
        Int(number) < streams.count ? streams[Int(number)] : nil
    }

    func selectDevice() throws(DeviceError) { try runtime.select(device) }

    /// Launches; returns when phase two was called, before which the operation cannot have begun.
    func launch(
        _ command: LaunchCommand, values: UnsafeBufferPointer<UInt64>, on stream: Stream
    ) throws(DeviceError) -> Nanoseconds {
        try runtime.select(device)
        let kernel = try kernels.kernel(command.plan, in: tables, from: operators)
        let conditions = LaunchConditions(
            limits: try applyLimits(command, stream), options: command.options)
        try applyOptions(command.options)
        let keptBefore = kernel.keptCount
        try unsafe check(kernel.beginLaunch(values, conditions: conditions), kernel)
        countLaunch(kernel, keptBefore)
        let memory: DeviceHandle?
        do throws(DeviceError) {
            unsafe memory = try workspace(of: stream, bytes: kernel.workspaceBytes)
        } catch {
            kernel.cancelLaunch()
            throw error
        }
        let startedAt = MonotonicClock.now()
        try unsafe check(kernel.finishLaunch(workspace: memory, stream: stream.handle), kernel)
        return startedAt
    }

    private func countLaunch(_ kernel: PreparedKernel, _ keptBefore: Int) {
        figures.operations += 1
        if kernel.takeHit() { figures.executorHits += 1 } else { figures.executorMisses += 1 }
        if kernel.keptCount != keptBefore { kernels.noteKept(kernel.keptCount - keptBefore) }
        figures.plansPreparedAgain = kernels.preparedAgain
    }

    private func check(_ status: Int32, _ kernel: PreparedKernel) throws(DeviceError) {
        guard status != 0 else { return }
        throw DeviceError(
            code: status,
            message: runtime.takeErrorMessage() ?? "\(kernel.name) failed on the device")
    }

    /// Copies, from `data` where there is any; that must stay until the copy is done.
    func copy(_ command: CopyCommand, data: UnsafeRawPointer?, on stream: Stream)
        throws(DeviceError) -> Nanoseconds
    {
        try runtime.select(device)
        figures.operations += 1
        let source = unsafe data.map { UInt64(UInt(bitPattern: $0)) } ?? command.source
        let startedAt = MonotonicClock.now()
        try unsafe runtime.copy(
            to: command.destination, from: source, bytes: try byteCount(command.bytes),
            kind: command.kind, stream: stream.handle)
        return startedAt
    }

    func fill(_ command: FillCommand, on stream: Stream) throws(DeviceError) -> Nanoseconds {
        try runtime.select(device)
        figures.operations += 1
        let startedAt = MonotonicClock.now()
        try unsafe runtime.fill(
            command.address, value: command.value, bytes: try byteCount(command.bytes),
            stream: stream.handle)
        return startedAt
    }

    // MARK: Limits

    private func applyLimits(_ command: LaunchCommand, _ stream: Stream) throws(DeviceError)
        -> CoreLimits
    {
        guard runtime.hasStreamLimits else { return .none }
        let own = CoreLimits(cube: command.cubeCores, vector: command.vectorCores)
        let wanted = own.isNone ? stream.limits : own
        if stream.appliedLimits != wanted {
            try unsafe runtime.setLimits(wanted, of: stream.handle)
            stream.appliedLimits = wanted
        }
        let limiting = wanted.isNone ? nil : stream
        guard limitingStream !== limiting else { return wanted }
        if let limiting {
            try unsafe runtime.useLimits(of: limiting.handle, true)
        } else if let limitingStream {
            try unsafe runtime.useLimits(of: limitingStream.handle, false)
        }
        limitingStream = limiting
        return wanted
    }

    /// The options of the device's context, which its threads share: told where two launches differ.
    private func applyOptions(_ wanted: UInt8) throws(DeviceError) {
        let applied = tables.appliedOptions.load(ordering: .relaxed)
        guard wanted != applied else { return }
        for option in 0..<UInt8(8) where (wanted ^ applied) >> option & 1 == 1 {
            try runtime.setOption(Int32(option), to: Int64(wanted >> option & 1))
        }
        tables.appliedOptions.store(wanted, ordering: .relaxed)
    }

    // MARK: Workspace

    /// A stream's workspace, grown to what is asked. The old one may still be in use: it goes when
    /// the stream has run dry. Sizes are powers of two, so that few are ever retired.
    private func workspace(of stream: Stream, bytes: UInt64) throws(DeviceError) -> DeviceHandle? {
        if bytes == 0 { return nil }
        if stream.workspace.bytes < bytes {
            let size = try roundedUp(bytes)
            let address = try runtime.allocate(bytes: size, policy: 0)
            if stream.workspace.bytes > 0 {
                stream.retiredWorkspaces.append(stream.workspace)
            }
            stream.workspace = (address, UInt64(size))
        }
        return unsafe DeviceHandle(bitPattern: UInt(stream.workspace.address))
    }

    private func roundedUp(_ bytes: UInt64) throws(DeviceError) -> Int {
        guard bytes <= 1 << 62 else {
            throw DeviceError(code: 207_001, message: "a workspace of \(bytes) bytes")
        }
        return 1 << (64 - (max(bytes, 512) - 1).leadingZeroBitCount)
    }

    /// Called when nothing of the stream is on the device.
    func freeWorkspaces(of stream: Stream, alsoCurrent: Bool = false) {
        for workspace in stream.retiredWorkspaces { free(workspace) }
        stream.retiredWorkspaces.removeAll()
        if alsoCurrent, stream.workspace.bytes > 0 {
            free(stream.workspace)
            stream.workspace = (0, 0)
        }
    }

    /// Cleared first: the memory may be another program's next, and nobody else knows whose
    /// intermediate values are in it.
    private func free(_ workspace: (address: UInt64, bytes: UInt64)) {
        try? runtime.select(device)
        try? unsafe runtime.fill(
            workspace.address, value: 0, bytes: Int(clamping: workspace.bytes), stream: nil)
        try? runtime.free(workspace.address)
    }
}

/// A count of bytes from the wire, as the device library takes it.
func byteCount(_ bytes: UInt64) throws(DeviceError) -> Int {
    if let count = Int(exactly: bytes) { return count }
    throw DeviceError(code: 107_000, message: "\(bytes) bytes are more than memory can hold")
}
