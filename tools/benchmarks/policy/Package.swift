// swift-tools-version: 6.3
import PackageDescription

// The policy host measured inside one process: the modules are the project's own, by link, because
// their interfaces are the package's and not public.
let package = Package(
    name: "PolicyBenchmark",
    targets: [
        .systemLibrary(name: "CLua", pkgConfig: "lua5.4"),
        .target(
            name: "CLuaBridge", dependencies: ["CLua"], exclude: ["README.md"],
            cSettings: [.define("_GNU_SOURCE")]),
        .target(name: "Wire", exclude: ["README.md"]),
        .target(name: "Scheduling", dependencies: ["Wire"], exclude: ["README.md"]),
        .target(
            name: "LuaPolicy", dependencies: ["CLuaBridge", "Scheduling", "Wire"],
            exclude: ["README.md"]),
        .executableTarget(
            name: "PolicyBenchmark", dependencies: ["LuaPolicy", "Scheduling", "Wire"]),
    ]
)
