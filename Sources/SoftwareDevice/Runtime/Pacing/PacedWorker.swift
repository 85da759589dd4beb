import CostModel

/// The worker of a paced device: it computes what the chip has started.
extension Platform {
    /// Called with the lock held; returns, with it held, when the process ends.
    func workPaced(_ device: Device) {
        while !isEnding {
            catchUp()
            if computeNext(on: device) { continue }
            let time = nextStart(on: device)
            device.paced?.workerSleepsUntil = time ?? .max
            _ = device.workArrived.wait(until: Deadline.never.earlier(than: time))
            device.paced?.workerSleepsUntil = 0
        }
    }

    /// When the chip may next start something that is to be computed.
    private func nextStart(on device: Device) -> UInt64? {
        guard let paced = device.paced, paced.uncomputedCount > 0, let clock = pacedClock else {
            return nil
        }
        return paced.timeline.nextChange.map(clock.hostTime)
    }
}
