import CostModel
import SoftwareDevice
import Testing
import Wire

@Suite struct PacingSettingsTests {
    @Test func `without variables the clock is free and all is computed`() {
        let settings = Settings { _ in nil }
        #expect(!settings.isPaced && settings.compute == .all && settings.scale == 1)
        #expect(settings.memoryBytes == 8 << 30)
        #expect(!settings.offersTimingOnly)
        #expect(settings.ignored.isEmpty)
    }

    @Test func `a paced device has its chip's memory`() {
        let settings = read(["CLOCK": "paced", "CHIP": "Ascend910B3", "SCALE": "10"])
        #expect(settings.isPaced && settings.scale == 10)
        #expect(settings.chip.cubeCores == 20)
        #expect(settings.memoryBytes == 64 << 30)
        #expect(settings.offersTimingOnly)
        #expect(settings.socName == "Ascend910B3")
        #expect(read(["CHIP": "Ascend910C"]).socName == "Ascend910_9391")
        #expect(read(["CHIP": "Ascend910_9382"]).chip.vectorCores == 48)
        #expect(read(["CLOCK": "paced", "MEMORY": "1048576"]).memoryBytes == 1 << 20)
    }

    @Test func `what is not understood is named and leaves the default`() {
        let settings = read(["CLOCK": "slow", "CHIP": "Ascend1", "SCALE": "-1", "COMPUTE": "some"])
        #expect(!settings.isPaced && settings.scale == 1 && settings.compute == .all)
        #expect(settings.ignored.count == 4)
        #expect(settings.ignored[0] == "FLEXNPU_DEVICE_CLOCK=slow (free or paced)")
        #expect(DeviceDescription(settings).text.contains("ignored FLEXNPU_DEVICE_CHIP=Ascend1"))
    }

    @Test func `host cost is of phase one, phase two and the rest`() throws {
        let cost = try #require(HostCost(microseconds: "4.5,3"))
        #expect(cost.phaseOneNanoseconds == 4_500)
        #expect(cost.phaseTwoNanoseconds == 3_000 && cost.otherNanoseconds == 3_000)
        #expect(HostCost(microseconds: "4,3,1")?.otherNanoseconds == 1_000)
        for wrong in ["", "4", "4,", "4,x", "4,-1", "1,2,3,4", "1,nan"] {
            #expect(HostCost(microseconds: wrong) == nil, "\(wrong)")
        }
    }

    @Test func `a number of flops decides what is computed`() throws {
        let setting = try #require(ComputeSetting("1e9"))
        #expect(setting.computes(flops: 1e9) && !setting.computes(flops: 1.1e9))
        #expect(ComputeSetting("none")?.computes(flops: 0) == false)
        #expect(ComputeSetting("-1") == nil && ComputeSetting("inf") == nil)
    }

    @Test func `silicon settings reach the chip`() {
        let settings = read(["SATURATING_SHARE": "0.3", "RECORD_US": "0.5", "WAKE_UP_US": "20"])
        #expect(settings.chipSettings.saturatingShare == 0.3)
        #expect(settings.chipSettings.recordNanoseconds == 500)
        #expect(settings.wakeUpNanoseconds == 20_000)
    }

    private func read(_ values: [String: String]) -> Settings {
        Settings { name in values[String(name.dropFirst("FLEXNPU_DEVICE_".count))] }
    }
}

@Suite struct PacedClockTests {
    @Test func `chip time is never ahead of the host's`() {
        print("seed 5")
        var generator = RepeatableGenerator(state: 5)
        for scale in [1.0, 10, 2.5, 0.1, 1.0 / 3] {
            let clock = PacedClock(originNanoseconds: 1_000, scale: scale)
            #expect(clock.chipTime(at: 0) == 0)
            for _ in 0..<1_000 {
                let host = UInt64.random(in: 1_000...1 << 50, using: &generator)
                let chip = clock.chipTime(at: host)
                #expect(clock.hostTime(at: chip) <= host)
                #expect(clock.hostTime(at: chip + 2 + Nanoseconds(2 / scale)) > host)
            }
        }
    }
}

@Suite struct LatenessTests {
    @Test func `percentiles are upper bounds within a bucket`() {
        var lateness = Lateness()
        lateness.noteSubmission(at: 0)
        for step in 1...1_000 {
            let due = UInt64(step) * 1_000_000
            lateness.noteCompletion(due: due, at: due + UInt64(step) * 100)
        }
        #expect(lateness.count == 1_000)
        #expect(lateness.maxNanoseconds == 100_000)
        #expect((99_000...100_000).contains(lateness.percentile(0.99)))
        #expect((50_000...71_000).contains(lateness.percentile(0.5)))
        #expect(lateness.makespanNanoseconds == 1_000_100_000)
        #expect(lateness.isValid)
    }

    @Test func `a completion later than two percent of the makespan makes the run invalid`() {
        var lateness = Lateness()
        lateness.noteSubmission(at: 1_000)
        lateness.noteCompletion(due: 101_000, at: 103_100)
        #expect(!lateness.isValid)
        lateness.noteCompletion(due: 201_000, at: 200_000)
        #expect(lateness.isValid)
        #expect(lateness.maxNanoseconds == 2_100)
    }

    @Test func `nothing is not late`() {
        #expect(Lateness().isValid && Lateness().percentile(0.99) == 0)
        #expect(Lateness().makespanNanoseconds == 0)
    }
}
