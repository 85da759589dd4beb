import CommandLineTool
import Testing

@Suite struct ArgumentTests {
    /// Arguments that are refused, and what has to be in the refusal.
    static let wrong: [(arguments: String, complaint: String)] = [
        ("run", "after --"),
        ("run --label novalue -- true", "key=value"),
        ("run --label a=b,c=d -- true", "no comma"),
        ("run --direct --trace t -- true", "--direct goes without a daemon"),
        ("run --route --observe -- true", "--route"),
        ("top --interval soon", "soon is no time"),
        ("top --interval 1ms", "at least 10ms"),
        ("policy set window", "key=value"),
        ("policy load", "policy"),
        ("policy check", "files"),
        ("policy rollback one", "one"),
        ("trace record", "give a folder, or --stop, or --status"),
        ("trace record t --stop", "give a folder, or --stop, or --status"),
        ("trace record t --for 10 --background", "--background returns at once"),
        ("trace diff one", "after"),
        ("trace stats t --functions -1", "--functions"),
        ("daemon --watch", "--watch goes with --policy"),
        ("daemon --device x", "x"),
        ("daemon --limit memroy=8G", "memory, host_memory"),
        ("daemon --limit memory=8X", "memory=8G"),
        ("daemon --drain --policy p.lua", "--drain is for the daemon that runs"),
        ("daemon --drain --limit queue=1", "--drain is for the daemon that runs"),
        ("limit 3", "settings"),
        ("limit 3 queue", "name=value"),
        ("limit one queue=1", "one"),
        ("nothing", "nothing"),
    ]

    @Test(arguments: wrong)
    func `wrong arguments are refused with the reason`(arguments: String, complaint: String) {
        let words = arguments.split(separator: " ").map(String.init)
        let message = ArgumentCheck.message(for: words)
        #expect(message?.contains(complaint) == true, "\(message ?? "accepted")")
        #expect(ArgumentCheck.exitCode(for: words) == 64)
    }

    @Test(arguments: [
        "run -- true --label x -- y", "run --observe --label a=b --label c=d=e -- sh -c exit",
        "run --direct -- true", "top --once --interval 0.5s --json", "policy swap x.lua --watch",
        "policy rollback 2", "trace record t --for 500ms", "trace record --stop",
        "trace dump t --function aclrt* --from 1s --calls-only", "trace diff a b --json",
        "daemon --device 0 --device 1 --policy p.lua --watch --state s --trace t", "device --json",
        "status --socket /tmp/s", "list", "list --limits", "limit 3 memory=8G queue=100",
        "daemon --group npu --limit memory=8G --limit programs_per_user=4",
        "daemon --drain --socket /tmp/s",
    ])
    func `right arguments are taken`(arguments: String) {
        let words = arguments.split(separator: " ").map(String.init)
        #expect(ArgumentCheck.message(for: words) == nil)
    }

    @Test(arguments: [
        ("10s", 10_000_000_000), ("500ms", 500_000_000), ("2m", 120_000_000_000),
        ("2min", 120_000_000_000), ("1h", 3_600_000_000_000), ("1.5", 1_500_000_000),
        ("20us", 20_000), ("0", 0),
    ])
    func `times are read`(text: String, nanoseconds: Int64) {
        #expect(TimeSpan(text)?.nanoseconds == nanoseconds)
    }

    @Test(arguments: ["", "s", "-1s", "ten", "1e30s", "nan", "inf", "1 s x"])
    func `what is no time is refused`(text: String) {
        #expect(TimeSpan(text) == nil)
    }
}
