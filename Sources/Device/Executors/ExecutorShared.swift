import AscendCL
import Synchronization

/// What the threads of one executor share.
final class ExecutorShared: Sendable {
    let device: Int32
    let access: RuntimeAccess
    let operators: OperatorLibrary
    let functions: APITable
    let bounds: KernelBounds
    let tables = DeviceTables()
    /// Words that wait for the device's thread, and completions that wait for the loop.
    let commands = WordRing(capacity: 1 << 16)
    let completions = WordRing(capacity: 1 << 16)
    let departures = StreamDepartures()
    let aborts: AbortRequests
    let memoryOwners = Mutex(MemoryOwners())
    let answers: AnswerQueue
    let doorbell: LoopDoorbell

    init(
        device: Int32, access: RuntimeAccess, operators: OperatorLibrary, functions: APITable,
        doorbell: LoopDoorbell, bounds: KernelBounds
    ) {
        self.device = device
        self.access = access
        self.operators = operators
        self.functions = functions
        self.bounds = bounds
        self.doorbell = doorbell
        answers = AnswerQueue(doorbell)
        aborts = unsafe AbortRequests(
            tables, cancel: access.runsInline ? access.calls.more.cancelStream : nil)
    }
}
