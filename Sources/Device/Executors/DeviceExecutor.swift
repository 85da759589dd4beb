package import Wire

/// What the daemon's loop tells one device, and what it learns from it.
///
/// Called from one thread, the loop's. Nothing here blocks it.
package protocol DeviceExecutor: AnyObject {
    var device: Int32 { get }

    /// Some of what it is told and asked is done when the call returns: worth a look at once.
    var completesInline: Bool { get }

    /// Commands of one executor take effect in the order in which they were submitted. `words` are
    /// a launch's values or a copy's data, and are copied.
    func submit(_ command: DeviceCommand, words: Span<UInt64>)

    /// Asks something that may block; the answer is a completion with `ticket`. Asks of one lane (a
    /// client) are done in order; lanes run beside each other and beside the commands. A stream is
    /// destroyed when what it was told before is done.
    func ask(_ ask: DeviceAsk, lane: UInt32, ticket: UInt64)

    /// The lane ends when what it was asked is answered.
    func closeLane(_ lane: UInt32)

    /// The next thing that is done; nil when there is none now.
    func nextCompletion() -> DeviceCompletion?

    /// When the loop must look for completions although nothing rings; nil: it need not.
    var nextLook: Nanoseconds? { get }

    /// What this executor has done since it was made.
    var figures: ExecutorFigures { get }

    /// Ends within a second, whatever runs. What is not done then never completes.
    func stop()
}

extension DeviceExecutor {
    /// A command without words.
    package func submit(_ command: DeviceCommand) {
        submit(command, words: [UInt64]().span)
    }
}

/// Counts since an executor was made.
package struct ExecutorFigures: Sendable, Equatable {
    /// Operations given to the device library, of any kind.
    package var operations: UInt64 = 0
    /// Operations that ran on the loop's own thread.
    package var inlineOperations: UInt64 = 0
    /// Events recorded behind operations, to learn of their end.
    package var eventsRecorded: UInt64 = 0
    /// Times the device was asked whether something is done.
    package var looks: UInt64 = 0
    /// Launches that used a kept executor of the device library, and those that did not.
    package var executorHits: UInt64 = 0
    package var executorMisses: UInt64 = 0
    /// Plans whose call was prepared again after it had to make room.
    package var plansPreparedAgain: UInt64 = 0
    package init() {}
}
