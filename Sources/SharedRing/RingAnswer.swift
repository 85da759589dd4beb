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
        answersGiven &+= 1
        let base = unsafe memory.base
        let ring = unsafe base.assumingMemoryBound(to: fx_ring.self)
        let count = min(bytes.count, Int(FX_REPLY_BYTES))
        for index in 0..<4 {
            unsafe base.word64(RingLayout.replyWords)[index] =
                index < words.count ? words[index] : 0
        }
        for index in 0..<count {
            unsafe (base + RingLayout.reply).storeBytes(
                of: bytes[index], toByteOffset: index, as: UInt8.self)
        }
        unsafe ring.pointee.reply_status = status
        unsafe ring.pointee.reply_bytes = UInt32(count)
        let word = unsafe base.word32(RingLayout.replySequence)
        // Sequentially consistent: either the thread sees the answer before it sleeps, or we see
        // that it sleeps.
        unsafe word.storeSequential(sequence)
        if unsafe base.word32(RingLayout.replyWaiting).loadSequential() != 0 {
            unsafe Futex.wake(word)
        }
    }
}
