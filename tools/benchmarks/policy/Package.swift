// swift-tools-version: 6.3
import PackageDescription

// The policy host measured inside one process: the modules are the project's own, by link, because
// their interfaces are the package's and not public.
let house: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(
        name: name, dependencies: dependencies, exclude: ["README.md"], swiftSettings: house)
}

let package = Package(
    name: "PolicyBenchmark",
    targets: [
        .systemLibrary(name: "CLua", pkgConfig: "lua5.4"),
        .target(
            name: "CLuaBridge", dependencies: ["CLua"], exclude: ["README.md"],
            cSettings: [.define("_GNU_SOURCE")]),
        module("Wire"),
        module("Scheduling", ["Wire"]),
        module("LuaPolicy", ["CLuaBridge", "Scheduling", "Wire"]),
        .target(name: "CFloor", dependencies: ["CLua"]),
        .executableTarget(
            name: "PolicyBenchmark", dependencies: ["CFloor", "LuaPolicy", "Scheduling", "Wire"],
            swiftSettings: house),
    ]
)
