package import Wire

/// A chip under way: its streams, what runs, what waits for cores. A value; time is passed in.
///
/// Each stream does its queue in order. The first entry of a queue waits for cores (by its stream's
/// priority, then by when it came to the head of its stream), holds them to its end and is never
/// pre-empted. Whoever waits for all its cores at once (`ChipWork.startsWhole`) is not overtaken.
/// Operations that run together share bandwidth (`MemorySharing`). Speeds are computed anew at each
/// start, end, core gained and end of a fixed part, and at no other time: the same submissions give
/// the same times, however often the owner advances in between.
///
/// The owner bounds the queues; `depth(of:)` tells how long they are.
package struct ChipTimeline: Sendable {
    struct Stream: Sendable {
        var generation: UInt32 = 0
        var priority = 0
        /// Removed streams end what runs; then their place is free.
        var isRemoved = false
        var queue = ChipQueue.Ends()
        var head = ChipHead()
    }
    let speeds: SpeedTable
    package internal(set) var now: Nanoseconds = 0
    var streams: ContiguousArray<Stream> = []
    var freeStreams: ContiguousArray<Int> = []
    var queue = ChipQueue()
    /// By `ChipWork.Resource`: cube, vector.
    var pools: ContiguousArray<CorePool>
    /// Streams whose head runs, in the order of their starts.
    var running: ContiguousArray<Int> = []
    /// Streams whose head waits for a record.
    var waiting: ContiguousArray<Int> = []
    /// When the next thing happens if nothing is submitted; nil: nothing is under way.
    ///
    /// Stored, since a caller in another module copies a whole value to ask a computed property.
    package private(set) var nextChange: Nanoseconds?
    /// The same; .max where nothing runs.
    private var nextEnd: Nanoseconds = .max {
        didSet { nextChange = nextEnd == .max ? nil : nextEnd }
    }
    var outcomes = OutcomeQueue()
    /// Bytes of operations that ended.
    var bytesDone = ChipBusy()

    private var arrivals: UInt64 = 0
    /// Room that is used again, so that a step allocates nothing.
    private var ended: ContiguousArray<Int> = []
    private var demands: ContiguousArray<Double> = []

    package init(chip: Chip, settings: ChipSettings = .init()) {
        speeds = SpeedTable(ChipRates(chip: chip, settings: settings))
        pools = [CorePool(cores: chip.cubeCores), CorePool(cores: chip.vectorCores)]
    }

    package var rates: ChipRates { speeds.rates }

    // MARK: Time

    /// Lets everything up to `time` happen. Time never goes backwards: an earlier one is now.
    package mutating func advance(to time: Nanoseconds) {
        while nextEnd <= time, nextEnd < .max {
            now = max(now, nextEnd)
            endStages()
            settle()
        }
        now = max(now, time)
    }

    /// What happened next, each once, in order; nil where everything was taken.
    package mutating func nextOutcome() -> ChipOutcome? { outcomes.takeFirst() }

    // MARK: Steps

    /// After any change: gives cores, shares bandwidth, and lets what takes no time happen.
    mutating func settle() {
        while true {
            for pool in pools.indices { grantCores(of: pool) }
            shareMemory()
            if nextEnd > now { return }
            endStages()
        }
    }

    /// Brings the first entry of a stream's queue to work.
    mutating func beginHead(_ stream: Int) {
        guard streams[stream].queue.first >= 0 else {
            streams[stream].head.stage = .idle
            if streams[stream].isRemoved { freeStreams.append(stream) }
            return
        }
        switch queue.content(streams[stream].queue.first) {
        case .work(let work, let tag): beginWork(work, tag, on: stream)
        case .record: beginTask(speeds.rates.settings.recordNanoseconds, on: stream)
        case .wait(let record?) where queue.isPending(record):
            streams[stream].head.stage = .wantsRecord
            waiting.append(stream)
        case .wait: beginTask(speeds.rates.settings.waitNanoseconds, on: stream)
        }
    }

    /// Lets the streams go on whose record was reached or dropped.
    mutating func resumeWaiting() {
        var kept = 0
        for position in waiting.indices {
            let stream = waiting[position]
            if case .wait(let record?) = queue.content(streams[stream].queue.first),
                queue.isPending(record)
            {
                waiting[kept] = stream
                kept += 1
            } else {
                ended.append(stream)
            }
        }
        waiting.removeLast(waiting.count - kept)
        // A wait's own cost comes after what it waited for.
        for stream in ended { beginTask(speeds.rates.settings.waitNanoseconds, on: stream) }
        ended.removeAll(keepingCapacity: true)
    }

    private mutating func beginWork(_ work: ChipWork, _ tag: UInt64, on stream: Int) {
        streams[stream].head.work = work
        streams[stream].head.coresHeld = 0
        streams[stream].head.coresAsked = speeds.rates.coresAsked(by: work)
        guard streams[stream].head.coresAsked > 0 else {
            startHead(stream)
            outcomes.append(.started(tag: tag, at: now, cores: 0))
            return
        }
        streams[stream].head.stage = .wantsCores
        arrivals += 1
        pools[Int(work.resource.rawValue)].add(
            CorePool.Claim(
                stream: stream, priority: streams[stream].priority, order: arrivals))
    }

    /// A record or a wait: a time of its own, and nothing else.
    private mutating func beginTask(_ nanoseconds: Double, on stream: Int) {
        let work = ChipWork(resource: .none, fixedNanoseconds: nanoseconds)
        streams[stream].head.work = work.bounded
        streams[stream].head.coresAsked = 0
        streams[stream].head.coresHeld = 0
        startHead(stream)
    }

    private mutating func startHead(_ stream: Int) {
        streams[stream].head.start(at: now)
        running.append(stream)
    }

    /// Hands free cores to claims in their order.
    private mutating func grantCores(of pool: Int) {
        var index = 0
        while pools[pool].free > 0, index < pools[pool].claims.count {
            let stream = pools[pool].claims[index].stream
            let isWaiting = streams[stream].head.coresHeld == 0
            let missing = streams[stream].head.coresAsked - streams[stream].head.coresHeld
            if isWaiting, streams[stream].head.work.startsWhole, pools[pool].free < missing {
                return
            }
            let taken = min(pools[pool].free, missing)
            pools[pool].takeCores(taken, now: now)
            if isWaiting { startHead(stream) }
            streams[stream].head.addCores(taken, at: now)
            setUnhindered(stream)
            if isWaiting, case .work(_, let tag) = queue.content(streams[stream].queue.first) {
                outcomes.append(.started(tag: tag, at: now, cores: taken))
            }
            if taken == missing { pools[pool].removeClaim(at: index) } else { index += 1 }
        }
    }

    private mutating func setUnhindered(_ stream: Int) {
        streams[stream].head.setUnhindered(
            speeds.rooflineNanoseconds(
                of: streams[stream].head.work, cores: streams[stream].head.coresHeld))
    }

    /// Ends every stage whose time is over, in the order of starts.
    private mutating func endStages() {
        var kept = 0
        for position in running.indices {
            let stream = running[position]
            if streams[stream].head.endsAt <= now, endStage(stream) {
                ended.append(stream)
            } else {
                running[kept] = stream
                kept += 1
            }
        }
        running.removeLast(running.count - kept)
        for index in ended.indices { beginHead(ended[index]) }
        ended.removeAll(keepingCapacity: true)
        if !waiting.isEmpty { resumeWaiting() }
    }

    /// - Returns: whether the head itself is done.
    private mutating func endStage(_ stream: Int) -> Bool {
        if streams[stream].head.stage == .fixed, streams[stream].head.hasRoofline {
            streams[stream].head.beginRoofline(at: now)
            if streams[stream].head.coresHeld == 0 { setUnhindered(stream) }
            return false
        }
        finishHead(stream)
        return true
    }

    private mutating func finishHead(_ stream: Int) {
        switch queue.content(streams[stream].queue.first) {
        case .work(_, let tag): finishWork(tag, on: stream)
        case .record(let mark): outcomes.append(.reached(mark: mark, at: now))
        case .wait: break
        }
        queue.removeFirst(of: &streams[stream].queue)
    }

    private mutating func finishWork(_ tag: UInt64, on stream: Int) {
        streams[stream].head.accountCores(to: now)
        let pool = Int(streams[stream].head.work.resource.rawValue)
        let held = streams[stream].head.coresHeld
        if held > 0 { pools[pool].returnCores(held, now: now) }
        if held < streams[stream].head.coresAsked { pools[pool].removeClaim(of: stream) }
        bytesDone.hbmBytes += streams[stream].head.work.hbmBytes
        bytesDone.linkBytes += streams[stream].head.work.linkBytes
        outcomes.append(
            .finished(
                tag: tag, startedAt: streams[stream].head.startedAt, at: now,
                coreNanoseconds: streams[stream].head.coreNanoseconds,
                aloneNanoseconds: Double(
                    speeds.nanoseconds(
                        of: streams[stream].head.work, cores: streams[stream].head.coresAsked))))
    }

    /// Sets the speed of everything that runs, and finds the next end.
    private mutating func shareMemory() {
        shareLink()
        let level = memoryLevel()
        var next = Nanoseconds.max
        for stream in running {
            if streams[stream].head.stage == .roofline {
                streams[stream].head.setSpeed(level: level, at: now)
            }
            next = min(next, streams[stream].head.endsAt)
        }
        nextEnd = next
    }

    private mutating func memoryLevel() -> Double {
        let capacity = speeds.rates.hbmBytesPerNanosecond
        var total = 0.0
        for stream in running { total += streams[stream].head.presentDemand }
        guard total > capacity else { return .infinity }
        demands.removeAll(keepingCapacity: true)
        for stream in running where streams[stream].head.presentDemand > 0 {
            demands.append(streams[stream].head.presentDemand)
        }
        return MemorySharing.level(demands, capacity: capacity)
    }

    /// Copies over the link share it evenly; what the memory keeps one of them from using is not
    /// given to another (the memory is an order of magnitude faster).
    private mutating func shareLink() {
        var copies = 0
        for stream in running where streams[stream].head.crossesLink { copies += 1 }
        guard copies > 0 else { return }
        for stream in running where streams[stream].head.crossesLink {
            let work = streams[stream].head.work
            let crossing = work.linkBytes * Double(copies) / speeds.rates.linkBytesPerNanosecond
            let alone = speeds.rooflineNanoseconds(
                of: work, cores: streams[stream].head.coresHeld)
            streams[stream].head.setUnhindered(
                min(max(alone, crossing), ChipRates.longestNanoseconds))
        }
    }
}
