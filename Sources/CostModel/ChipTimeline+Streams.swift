package import Wire

/// What a chip's owner asks of its streams.
extension ChipTimeline {
    /// A new stream; 0 is the highest priority, 7 the lowest.
    package mutating func addStream(priority: Int) -> ChipStream {
        let index = freeStreams.popLast() ?? streams.count
        if index == streams.count { streams.append(Stream()) }
        let generation = streams[index].generation &+ 1
        streams[index] = Stream()
        streams[index].generation = generation
        streams[index].priority = min(max(0, priority), 7)
        return ChipStream(index: Int32(index), generation: generation)
    }

    /// Drops what the stream did not start; what runs ends, and is heard of.
    ///
    /// - Returns: the tags of dropped work.
    @discardableResult
    package mutating func removeStream(_ stream: ChipStream) -> [UInt64] {
        let tags = abort(stream, at: now)
        let index = place(of: stream)
        streams[index].generation &+= 1
        streams[index].isRemoved = true
        if streams[index].head.stage == .idle { freeStreams.append(index) }
        return tags
    }

    /// Puts work at the end of the stream's queue. `tag` comes back in outcomes.
    package mutating func submit(
        _ work: ChipWork, to stream: ChipStream, tag: UInt64, at time: Nanoseconds
    ) {
        append(.work(work.bounded, tag: tag), to: stream, at: time)
    }

    /// The mark is reached when the stream comes here, and has spent a record's cost. A mark that is
    /// recorded again stands for the later record from then on.
    package mutating func record(_ mark: UInt64, on stream: ChipStream, at time: Nanoseconds) {
        append(.record(mark: mark), to: stream, at: time)
    }

    /// The stream goes on when the mark is reached that was recorded last, as of now; at once where
    /// no record of it is under way. Either way it spends a wait's cost.
    package mutating func wait(for mark: UInt64, on stream: ChipStream, at time: Nanoseconds) {
        advance(to: time)
        append(.wait(queue.pendingRecord(of: mark)), to: stream, at: time)
    }

    /// Drops what the stream did not start. Waits for a dropped record end as if it had been
    /// reached; no outcome tells of it.
    ///
    /// - Returns: the tags of dropped work, in order.
    package mutating func abort(_ stream: ChipStream, at time: Nanoseconds) -> [UInt64] {
        advance(to: time)
        let index = place(of: stream)
        guard streams[index].head.stage != .idle else { return [] }
        var tags = queue.removeRest(of: &streams[index].queue)
        if !streams[index].head.isRunning {
            if case .work(_, let tag) = queue.content(streams[index].queue.first) {
                tags.insert(tag, at: 0)
            }
            queue.removeFirst(of: &streams[index].queue)
            for pool in pools.indices { pools[pool].removeClaim(of: index) }
            waiting.removeAll { $0 == index }
            streams[index].head.stage = .idle
        }
        resumeWaiting()
        settle()
        return tags
    }

    /// Entries of the stream that are not done: work, records and waits.
    package func depth(of stream: ChipStream) -> Int { streams[place(of: stream)].queue.count }

    // MARK: Questions

    /// When the work that runs under `tag` ends if nothing else starts or ends before; nil where it
    /// does not run.
    package func projectedFinish(of tag: UInt64) -> Nanoseconds? {
        for stream in running {
            let head = streams[stream].head
            guard case .work(_, tag) = queue.content(streams[stream].queue.first) else { continue }
            guard head.stage == .fixed, head.hasRoofline else { return head.endsAt }
            let roofline = speeds.rooflineNanoseconds(of: head.work, cores: head.coresHeld)
            return head.endsAt + ChipRates.roundedUp(roofline)
        }
        return nil
    }

    /// What the chip did until now.
    package var busy: ChipBusy {
        var busy = bytesDone
        busy.cubeCoreNanoseconds = pools[0].coreNanoseconds(at: now)
        busy.vectorCoreNanoseconds = pools[1].coreNanoseconds(at: now)
        for stream in running where streams[stream].head.stage == .roofline {
            let head = streams[stream].head
            busy.hbmBytes += head.work.hbmBytes * (1 - head.shareLeft(at: now))
            busy.linkBytes += head.work.linkBytes * (1 - head.shareLeft(at: now))
        }
        return busy
    }

    /// What runs draws so much of the memory now, in bytes per nanosecond.
    package var drawnBytesPerNanosecond: Double {
        running.reduce(0) { $0 + streams[$1].head.drawnBytesPerNanosecond }
    }

    /// Cores that nobody holds.
    package func freeCores(_ resource: ChipWork.Resource) -> Int {
        let pool = Int(resource.rawValue)
        return pool < pools.count ? pools[pool].free : 0
    }

    /// The operation that is next to get cores of a pool: how many it misses, and whether it takes
    /// them only all at once. Nil where nobody wants any.
    package func firstClaim(on resource: ChipWork.Resource) -> (cores: Int, startsWhole: Bool)? {
        let pool = Int(resource.rawValue)
        guard pool < pools.count, let claim = pools[pool].claims.first else { return nil }
        let head = streams[claim.stream].head
        return (head.coresAsked - head.coresHeld, head.coresHeld == 0 && head.work.startsWhole)
    }

    private mutating func append(
        _ content: ChipQueue.Content, to stream: ChipStream, at time: Nanoseconds
    ) {
        advance(to: time)
        let index = place(of: stream)
        queue.append(content, to: &streams[index].queue)
        guard streams[index].head.stage == .idle else { return }
        beginHead(index)
        settle()
    }

    /// A removed stream is its owner's mistake, which nothing could be answered to.
    private func place(of stream: ChipStream) -> Int {
        let index = Int(stream.index)
        precondition(
            index < streams.count && streams[index].generation == stream.generation,
            "this stream was removed; add another")
        return index
    }
}
