/// What an inline executor has given to the device's thread and not heard of since.
struct ForwardedWork {
    private enum Mark: UInt8 {
        case unknown
        /// Reached without the device's thread, which does not know of it.
        case reachedHere
        case forwarded
        case reachedThere
        case failedThere
    }

    private struct Ask {
        var lane: UInt32
        var mayDriveDevice: Bool
    }

    /// Operations and marks that will complete, and asks whose thread may run the device's tasks.
    private var outstanding = 0
    private var marks: [Mark] = []
    private var asks: [UInt64: Ask] = [:]
    private var asksByLane: [UInt32: Int] = [:]

    var isEmpty: Bool { outstanding == 0 }

    mutating func note(_ command: DeviceCommand) {
        switch command {
        case .launch, .copy, .fill: outstanding += 1
        case .record(_, let mark):
            outstanding += 1
            set(mark, .forwarded)
        case .wait, .forgetMark, .abort, .limit: break
        }
    }

    // MARK: Marks

    /// False where the number is beyond the limit: the device's thread says so.
    mutating func noteReached(_ mark: UInt32) -> Bool {
        guard mark < ExecutorLimits.numbers else { return false }
        set(mark, .reachedHere)
        return true
    }

    func isReached(_ mark: UInt32) -> Bool {
        let known = state(mark)
        return known == .reachedHere || known == .reachedThere
    }

    /// Returns whether the device's thread knows of the mark.
    mutating func forget(_ mark: UInt32) -> Bool {
        let known = state(mark)
        if known != .unknown { set(mark, .unknown) }
        return known != .unknown && known != .reachedHere
    }

    private func state(_ mark: UInt32) -> Mark {
        Int(mark) < marks.count ? marks[Int(mark)] : .unknown
    }

    private mutating func set(_ mark: UInt32, _ state: Mark) {
        guard mark < ExecutorLimits.numbers else { return }
        while marks.count <= Int(mark) { marks.append(.unknown) }
        marks[Int(mark)] = state
    }

    // MARK: Asks

    func isLaneBusy(_ lane: UInt32) -> Bool { asksByLane[lane] != nil }

    mutating func noteAsk(_ ticket: UInt64, lane: UInt32, mayDriveDevice: Bool) {
        asks[ticket] = Ask(lane: lane, mayDriveDevice: mayDriveDevice)
        asksByLane[lane, default: 0] += 1
        if mayDriveDevice { outstanding += 1 }
    }

    // MARK: Completions

    mutating func noteCompletion(_ completion: DeviceCompletion) {
        switch completion {
        case .operation, .failed: outstanding -= 1
        case .markReached(let mark, _), .markFailed(let mark, _): noteEnd(of: mark, completion)
        case .answer(let ticket, _):
            guard let ask = asks.removeValue(forKey: ticket) else { return }
            if ask.mayDriveDevice { outstanding -= 1 }
            let left = (asksByLane[ask.lane] ?? 1) - 1
            asksByLane[ask.lane] = left == 0 ? nil : left
        }
    }

    private mutating func noteEnd(of mark: UInt32, _ completion: DeviceCompletion) {
        outstanding -= 1
        guard state(mark) == .forwarded else { return }
        // Only the device's thread knows whether waits for a failed mark may go on.
        if case .markReached = completion {
            set(mark, .reachedThere)
        } else {
            set(mark, .failedThere)
        }
    }
}
