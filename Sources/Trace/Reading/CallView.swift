package import Wire

/// A call as the reader has it before it: the arrays are used again for the next one.
package struct CallView {
    package internal(set) var time: Nanoseconds = 0
    package internal(set) var durationNanoseconds: Nanoseconds = 0
    package internal(set) var thread: UInt32 = 0
    package internal(set) var sequence: UInt32 = 0
    package internal(set) var function = FunctionID(rawValue: 0)
    package internal(set) var flags: UInt8 = 0
    package internal(set) var result: Int32 = 0
    package internal(set) var stream: UInt64 = 0
    package internal(set) var signature: UInt32 = 0
    package internal(set) var words: [UInt64] = []
    package internal(set) var bytes: [UInt8] = []
    package internal(set) var values: [UInt64] = []

    /// The event that was written. Strings and arrays follow one another in `bytes` without gaps.
    package func event(client: ClientID) -> CallEvent {
        CallEvent(
            time: time, durationNanoseconds: durationNanoseconds, client: client, thread: thread,
            sequence: sequence, function: function, flags: flags, result: result, stream: stream,
            words: words, bytes: bytes, signature: signature, values: values)
    }
}
