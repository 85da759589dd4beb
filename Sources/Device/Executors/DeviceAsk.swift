package import Wire

/// A question to a device that may block; its answer is a completion.
///
/// Plain values, like commands. A stream may be named in a command once its `createStream` is
/// answered, a plan once its `preparePlan` is; both until they are destroyed or dropped, which the
/// loop asks for when nothing uses them any more.
package enum DeviceAsk: Sendable, Equatable {
    case createStream(UInt32, priority: UInt32, flags: UInt32)
    case destroyStream(UInt32)
    /// Answers the address. `policy` is an aclrtMemMallocPolicy.
    case allocate(bytes: UInt64, policy: Int32)
    case free(address: UInt64)
    /// Makes `plan` from the bytes of `fx_item`s and calls phase one of `function` once with these
    /// values, so that bad arguments fail here.
    case preparePlan(UInt32, function: FunctionID, encoded: [UInt8], values: [UInt64])
    case dropPlan(UInt32)
    /// Copies at once, from `inline` where that holds anything.
    case copyNow(
        destination: UInt64, source: UInt64, bytes: UInt64, kind: CopyKind, inline: [UInt8])
    case fillNow(address: UInt64, value: Int32, bytes: UInt64)
    /// Calls a function that only asks; answers its words and bytes.
    case query(function: String, shape: QueryShape, arguments: [QueryArgument])
    /// Answers free and total bytes. `attribute` is an aclrtMemAttr.
    case memoryInfo(attribute: Int32)
    /// Makes host memory of this process known to the device; answers its address there.
    case registerHost(address: UInt64, bytes: UInt64)
    case unregisterHost(address: UInt64)
}

/// What the device library answered to an ask.
package struct DeviceAnswer: Sendable, Equatable {
    /// 0, an aclError or an aclnnStatus.
    package var status: Int32
    /// Why it failed; empty where it did not.
    package var message: String
    package var words: [UInt64]
    package var bytes: [UInt8]

    package init(
        status: Int32 = 0, message: String = "", words: [UInt64] = [], bytes: [UInt8] = []
    ) {
        self.status = status
        self.message = message
        self.words = words
        self.bytes = bytes
    }

    /// The answer that a failure is.
    package init(_ error: DeviceError) {
        self.init(status: error.code, message: error.message)
    }
}
