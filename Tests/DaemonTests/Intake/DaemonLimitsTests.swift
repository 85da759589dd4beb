import Daemon
import Testing

@Suite struct DaemonLimitsTests {
    @Test func `settings are read`() throws {
        func value(_ text: String) throws -> Int { try LimitSetting(text).value }
        #expect(try value("memory=8G") == 8 << 30)
        #expect(try value("memory=1000") == 1000)
        #expect(try value("host_memory=512M") == 512 << 20)
        #expect(try value("plan_memory=64K") == 65_536)
        #expect(try value("memory=none") == .max)
        #expect(try value("operations_per_second=none") == .max)
        #expect(try value("queue=1") == 1)
        #expect(try LimitSetting("contexts=3").name == .contexts)
        for name in LimitName.allCases {
            #expect(try LimitSetting("\(name.rawValue)=1").value == 1)
        }
    }

    @Test func `what is no setting says what would be one`() {
        for wrong in [
            "", "memory", "=1", "memory=", "memory=8X", "memory=-1", "memory=0", "memory=G",
            "memory=99999999999999999999", "memory=9999999999G", "queue=none", "queue=1K",
            "streams=1985", "threads=1000000", "mempry=8G", "memory=1.5G", "host_memory=65T",
        ] {
            let error = #expect(throws: LimitSetting.Refusal.self) { try LimitSetting(wrong) }
            #expect(error?.description.hasPrefix("\(wrong): no ") == true, "\(wrong)")
        }
        let error = #expect(throws: LimitSetting.Refusal.self) { try LimitSetting("mem=1") }
        #expect(error?.description.contains("memory, host_memory") == true)
    }

    @Test func `a label may lower a limit, and not raise it`() throws {
        var limits = DaemonLimits()
        limits.apply(try LimitSetting("memory=8G"))
        let lowered = try limits.lowered(by: [
            "limit.memory": "1G", "limit.queue": "10", "name": "x", "memory": "x",
        ])
        #expect(lowered.deviceBytesPerSession == 1 << 30 && lowered.queuedPerSession == 10)
        #expect(try limits.lowered(by: ["tenant": "a"]) == limits)
        for (key, value) in [
            ("limit.memory", "9G"), ("limit.memory", "none"), ("limit.queue", "4097"),
            ("limit.programs", "1"), ("limit.programs_per_user", "1"), ("limit.none", "1"),
            ("limit.memory", "x"), ("limit.", "1"),
        ] {
            #expect(throws: LimitSetting.Refusal.self) { try limits.lowered(by: [key: value]) }
        }
    }
}
