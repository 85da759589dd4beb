import Daemon
import Glibc
import LinuxIO
import Scheduling
import Testing
import Wire

/// What a restarted daemon finds, whatever became of the file meanwhile.
@Suite struct StateFileTests {
    private func live(
        _ text: PolicyText? = PolicyText(path: "/p/a.lua", source: "text", modules: ["m": "more"])
    ) -> StateFile.State {
        let options = [
            PolicyOption(key: "changed", value: "7", standard: "1", doc: ""),
            PolicyOption(key: "same", value: "1", standard: "1", doc: ""),
        ]
        let status = PolicyStatus(
            load: 3, name: "fair", version: 1, origin: "x", state: .live, decisions: 0, breaches: 0,
            lastBreach: nil, options: options, watched: true)
        return StateFile.State(status, text)
    }

    @Test func `what is live is found again, with its text as it was then`() throws {
        let folder = try TestFolder()
        let first = StateFile(folder: folder.file("state"))
        #expect(first.found == nil && first.problem == nil)
        first.remember(live())
        let found = try #require(StateFile(folder: folder.file("state")).found)
        #expect(found == live())
        #expect(found.text?.source == "text" && found.text?.modules == ["m": "more"])
        #expect(found.options == ["changed": "7"] && found.isWatched == true)
        first.remember(live(nil))
        let builtIn = try #require(StateFile(folder: folder.file("state")).found)
        #expect(builtIn.text == nil && builtIn.policy == nil && builtIn.builtIn == "fair")
    }

    @Test func `a file of an earlier version names the policy alone`() throws {
        let folder = try TestFolder()
        try folder.write(#"{"options":{"a":"1"},"policy":"/p/a.lua"}"#, to: "state.json")
        let found = try #require(StateFile(folder: folder.path).found)
        #expect(found.policy == "/p/a.lua" && found.text == nil && found.options == ["a": "1"])
    }

    static let damages: [(String, @Sendable (TestFolder) throws -> Void)] = [
        ("empty", { try $0.write("", to: "state.json") }),
        ("garbage", { try $0.write("\u{1}\u{2}garbage", to: "state.json") }),
        ("another kind", { try $0.write("[1, 2]", to: "state.json") }),
        ("deep", { try $0.write(String(repeating: "[", count: 200_000), to: "state.json") }),
        (
            "torn",
            { folder in
                let whole = StateFile(folder: folder.path)
                whole.remember(StateFile.State())
                #expect(truncate(folder.file("state.json"), 5) == 0)
            }
        ),
        ("a folder", { #expect(mkdir($0.file("state.json"), 0o700) == 0) }),
        (
            "a full folder",
            {
                #expect(mkdir($0.file("state.json"), 0o700) == 0)
                try $0.write("x", to: "state.json/x")
            }
        ),
        ("a pipe", { #expect(mkfifo($0.file("state.json"), 0o600) == 0) }),
        ("a device", { #expect(symlink("/dev/zero", $0.file("state.json")) == 0) }),
        (
            "huge",
            {
                try $0.write("", to: "state.json")
                #expect(truncate($0.file("state.json"), 1 << 40) == 0)
            }
        ),
        (
            "unreadable, or another user's",
            {
                try $0.write(#"{"options":{}}"#, to: "state.json")
                if geteuid() == 0 {
                    #expect(chown($0.file("state.json"), 12_345, 12_345) == 0)
                } else {
                    #expect(chmod($0.file("state.json"), 0) == 0)
                }
            }
        ),
    ]

    @Test(.timeLimit(.minutes(1)), arguments: damages.indices)
    func `a damaged file is set aside and told`(index: Int) throws {
        let (what, damage) = Self.damages[index]
        let folder = try TestFolder()
        try damage(folder)
        let state = StateFile(folder: folder.path)
        #expect(state.found == nil, "\(what)")
        let problem = try #require(state.problem, "\(what)")
        #expect(problem.hasPrefix(folder.file("state.json")), "\(problem)")
        #expect(problem.contains("set aside as \(folder.file("state.json")).damaged"), "\(problem)")
        state.remember(live())
        #expect(state.problem == nil, "\(what)")
        #expect(StateFile(folder: folder.path).found == live(), "\(what)")
    }

    @Test func `a folder that cannot be written is told`() throws {
        let folder = try TestFolder()
        try folder.write("no folder", to: "state")
        let state = StateFile(folder: folder.file("state"))
        #expect(state.found == nil && state.problem != nil)
        state.remember(live())
        #expect(state.problem?.contains("a restart will not remember") == true)
        // Something else than a file where the new one is to be.
        let other = StateFile(folder: folder.path)
        #expect(mkdir(folder.file("state.json"), 0o700) == 0)
        try folder.write("x", to: "state.json/x")
        other.remember(live())
        #expect(other.problem?.contains("a restart will not remember") == true)
    }
}
