import CWire
import LinuxIO

extension RingConsumer {
    /// Answers the record `sequence`, for which the thread waits: words and bytes of the answer, or
    /// with a status other than 0 the text for aclGetRecentErrMsg.
    package func answer(
        sequence: UInt32, status: Int32, words: [UInt64] = [], message: String = ""
    ) {
        answer(sequence: sequence, status: status, words: words, bytes: Array(message.utf8))
    }

    package func answer(
        sequence: UInt32, status: Int32, words: [UInt64] = [], bytes: [UInt8]
    ) {
        let base = memory.base
        let ring = base.assumingMemoryBound(to: fx_ring.self)
        let count = min(bytes.count, Int(FX_REPLY_BYTES))
        for index in 0..<4 {
            base.word64(RingLayout.replyWords)[index] = index < words.count ? words[index] : 0
        }
        for index in 0..<count {
            (base + RingLayout.reply).storeBytes(
                of: bytes[index], toByteOffset: index, as: UInt8.self)
        }
        ring.pointee.reply_status = status
        ring.pointee.reply_bytes = UInt32(count)
        let word = base.word32(RingLayout.replySequence)
        // Sequentially consistent: either the thread sees the answer before it sleeps, or we see
        // that it sleeps.
        word.storeSequential(sequence)
        if base.word32(RingLayout.replyWaiting).loadSequential() != 0 { Futex.wake(word) }
    }
}
