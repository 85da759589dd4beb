import CWire
package import LinuxIO

/// Pieces of a ring for a recording: many records at once, copied as they lie.
extension RingConsumer {
    /// What `takePiece` copied.
    package struct Piece: Equatable {
        package var words = 0
        package var records = 0
    }

    /// Copies whole records into `words` from `start`, up to its end or to where the ring wraps,
    /// and frees their place.
    ///
    /// Each record was checked on the copy: its size is that of its parts, and its stamp and
    /// duration are nanoseconds of the monotonic clock, not negative and not after `now`. An error
    /// is thrown when the first record is wrong; a wrong one behind good ones is met by the next
    /// call. `words` must have room for the largest record that the producer may write.
    package func takePiece(
        into words: inout [UInt64], from start: Int = 0, clock: TickClock, now: Int64
    ) throws(RingError) -> Piece {
        try extendView()
        return try unsafe words.withUnsafeMutableBufferPointer { (all) throws(RingError) in
            let room = unsafe UnsafeMutableBufferPointer(rebasing: all[start...])
            return try unsafe copyVisible(into: room, clock: clock, now: now)
        }
    }

    private func copyVisible(
        into buffer: UnsafeMutableBufferPointer<UInt64>, clock: TickClock, now: Int64
    ) throws(RingError) -> Piece {
        skipPadding()
        let untilEnd = dataBytes - (consumed & mask)
        let available = Int(min(visible &- consumed, untilEnd) / 8)
        let copied = min(available, buffer.count)
        let source = unsafe word(at: consumed)
        for index in 0..<copied { unsafe buffer[index] = unsafe (source + index).loadRelaxed() }
        var piece = Piece()
        while piece.words < copied {
            let start = piece.words
            do {
                let size = try unsafe sizeOfRecord(at: start, in: buffer, copied, of: available)
                guard let size else { break }
                unsafe Self.stamp(buffer, at: start, clock: clock, now: now)
                unsafe count(UInt32(truncatingIfNeeded: buffer[start + 4]))
                piece.words += size
                piece.records += 1
            } catch {
                if piece.records == 0 { throw error }
                break
            }
        }
        advance(by: UInt64(piece.words) * 8)
        return piece
    }

    /// Words of the record that begins at `start`; nil where padding begins or the copy ends
    /// before the record does.
    private func sizeOfRecord(
        at start: Int, in buffer: UnsafeMutableBufferPointer<UInt64>, _ copied: Int,
        of available: Int
    ) throws(RingError) -> Int? {
        let first = unsafe buffer[start]
        let function = UInt16(truncatingIfNeeded: first)
        if function == UInt16(FX_RECORD_PADDING) { return nil }
        let size = UInt32(first >> 32)
        let words = Int(size / 8)
        guard words >= RecordView.headWords, size % 8 == 0, words <= available - start,
            words <= buffer.count
        else { throw .recordSize(size, available: UInt64(available - start) * 8) }
        guard words <= copied - start else { return nil }
        let last = unsafe buffer[start + 5]
        let parameters = Int(last >> 48)
        let operands = Int(UInt16(truncatingIfNeeded: last >> 32))
        let bytes = Int(UInt32(truncatingIfNeeded: last))
        guard RecordView.headWords + parameters + operands + (bytes + 7) / 8 == words else {
            throw .recordCounts(
                words: parameters, operands: operands, bytes: bytes, size: size)
        }
        guard function < FX_FUNCTION_LIMIT else { throw .function(function) }
        return words
    }

    private static func stamp(
        _ buffer: UnsafeMutableBufferPointer<UInt64>, at start: Int, clock: TickClock, now: Int64
    ) {
        let time = unsafe min(max(0, clock.nanoseconds(ticks: buffer[start + 1])), now)
        unsafe buffer[start + 1] = UInt64(bitPattern: time)
        unsafe buffer[start + 2] = UInt64(bitPattern: clock.nanoseconds(span: buffer[start + 2]))
    }

    /// Bytes that were published and not taken yet.
    package var pendingBytes: UInt64 { unsafe tail.loadAcquiring() &- consumed }

    /// Lets go of everything that was published: it is from before a recording.
    package func skipAll() throws(RingError) {
        try extendView()
        while let record = try next() { _ = record.function }
    }
}
