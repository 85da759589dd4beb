// swift-tools-version: 6.3
import PackageDescription

// One line a target: `module` for Swift with the house's settings, `fenced` for Swift that may touch raw
// memory or C, `cModule` for C. RepositoryTests holds the dependencies below against the imports.

let house: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

/// The house's settings for everything that is not a test: what touches raw memory or C says
/// `unsafe` at each place. RepositoryTests holds that only fenced modules have any.
let strict = house + [.strictMemorySafety()]

/// For what every routed operation passes: a release does not check for overlapping accesses (a
/// fifth of the loop's instructions); debug builds, and so the sanitizers' tests, do.
let hot: [SwiftSetting] =
    strict + [.unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))]

func module(
    _ name: String, _ dependencies: [Target.Dependency] = [], _ settings: [SwiftSetting] = strict
) -> Target {
    .target(name: name, dependencies: dependencies, exclude: readme(name), swiftSettings: settings)
}

func fenced(
    _ name: String, _ dependencies: [Target.Dependency] = [], _ settings: [SwiftSetting] = strict
) -> Target {
    .target(name: name, dependencies: dependencies, exclude: readme(name), swiftSettings: settings)
}

func cModule(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(
        name: name, dependencies: dependencies, exclude: readme(name),
        cSettings: [.define("_GNU_SOURCE"), .unsafeFlags(["-Wall", "-Wextra", "-Werror"])])
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(
        name: name, dependencies: dependencies, path: "Tests/\(name)", exclude: exclude,
        swiftSettings: house)
}

/// A module's README.md stays out of the build.
func readme(_ name: String) -> [String] {
    ["README.md"]
}

/// Flags that make a dynamic library carry exactly the symbols of `map` and no Swift runtime of ours.
func librarySettings(soname: String, map: String, runtime: [String]) -> [LinkerSetting] {
    let linker = [
        "-soname=\(soname)", "--build-id", "--strip-debug", "-z", "nodelete",
        "--version-script=\(Context.packageDirectory)/\(map)",
    ]
    return [.unsafeFlags(runtime + linker.flatMap { ["-Xlinker", $0] })]
}

let argumentParser = Target.Dependency.product(
    name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")

/// `FLEXNPU_FUZZ=1`: everything counts what it runs through, for libFuzzer, and there is its program.
/// Only `tools/fuzz` asks for it.
let isFuzzing = Context.environment["FLEXNPU_FUZZ"] == "1"

/// What the fuzz targets are made of: in every build, since tests run them over their corpora.
let fuzzing: [Target] =
    [
        .target(
            name: "FuzzTargets",
            dependencies: [
                "AscendCL", "CWire", "CostModel", "Daemon", "Device", "LinuxIO", "LuaPolicy",
                "RingDoubles", "Scheduling", "SharedRing", "Trace", "Wire", logging,
            ],
            path: "Tests/Fuzzing/Targets", swiftSettings: house),
        .testTarget(
            name: "FuzzingTests", dependencies: ["FuzzTargets"], path: "Tests/Fuzzing/CorpusTests",
            swiftSettings: house),
    ]
    + (isFuzzing
        ? [
            .executableTarget(
                name: "flexnpu-fuzz", dependencies: ["FuzzTargets"], path: "Tests/Fuzzing/Driver",
                swiftSettings: house + [.unsafeFlags(["-parse-as-library"])],
                linkerSettings: [.unsafeFlags(["-sanitize=fuzzer"])])
        ] : [])

let package = Package(
    name: "FlexNPU",
    products: [
        .executable(name: "flexnpu", targets: ["CommandLineTool"]),
        .library(name: "flexnpu-interposer", type: .dynamic, targets: ["CInterposer"]),
        .library(name: "flexnpu-device", type: .dynamic, targets: ["SoftwareDeviceLibrary"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    ],
    targets: [
        // Libraries of the system, as C packages.
        .systemLibrary(name: "CElf", pkgConfig: "libelf", providers: [.apt(["libelf-dev"])]),
        .systemLibrary(name: "CLua", pkgConfig: "lua5.4", providers: [.apt(["liblua5.4-dev"])]),
        .systemLibrary(
            name: "CForeignCall", pkgConfig: "libffi", providers: [.apt(["libffi-dev"])]),
        .systemLibrary(
            name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),

        // C of ours.
        cModule("CWire"),
        cModule("CLinux"),
        cModule("CLuaBridge", ["CLua"]),
        cModule("CDeviceRefusals"),
        .target(
            name: "CInterposer", dependencies: ["CWire"],
            exclude: ["README.md", "Generated/exports.map"],
            cSettings: [
                .define("_GNU_SOURCE"),
                .unsafeFlags(["-Wall", "-Wextra", "-Werror", "-fvisibility=hidden", "-O2"]),
            ],
            linkerSettings: librarySettings(
                soname: "libflexnpu.so", map: "Sources/CInterposer/Generated/exports.map",
                runtime: ["-enable-experimental-feature", "Embedded"])),

        // Pure: no clock, no I/O, no C.
        .target(
            name: "AscendCL", dependencies: ["Wire"], exclude: ["README.md", "Table"],
            swiftSettings: strict),
        module("Wire"),
        module("Scheduling", ["Wire"], hot),
        module("CostModel", ["Wire"], hot),
        module("Trace", ["Wire", "AscendCL"]),
        module("Simulator", ["Wire", "Scheduling", "CostModel"]),

        // Fenced: raw memory, C, the system.
        fenced("LinuxIO", ["CLinux"]),
        fenced("ObjectFile", ["CElf"]),
        fenced("SharedRing", ["CWire", "LinuxIO"], hot),
        fenced("TraceFiles", ["Trace", "AscendCL", "LinuxIO"]),
        fenced("LuaPolicy", ["CLuaBridge", "Scheduling", "Wire"], hot),
        fenced("Device", ["CForeignCall", "CLinux", "LinuxIO", "AscendCL", "Wire"], hot),
        .target(
            name: "SoftwareDevice",
            dependencies: ["CDeviceRefusals", "COpenBLAS", "CLinux", "CostModel", "Wire"],
            exclude: ["README.md", "offered.tsv"], swiftSettings: hot),
        .target(
            name: "SoftwareDeviceLibrary", dependencies: ["SoftwareDevice"],
            exclude: ["README.md", "exports.map"], swiftSettings: strict,
            linkerSettings: librarySettings(
                soname: "libflexnpu-device.so", map: "Sources/SoftwareDeviceLibrary/exports.map",
                runtime: ["-static-stdlib"])),

        // What wires the rest.
        .target(
            name: "Daemon",
            dependencies: [
                "AscendCL", "Wire", "LinuxIO", "SharedRing", "Scheduling", "CostModel", "LuaPolicy",
                "Trace", "TraceFiles", "Device", "CWire", logging,
            ],
            exclude: readme("Daemon"), swiftSettings: hot),
        .executableTarget(
            name: "CommandLineTool",
            dependencies: [
                "AscendCL", "Wire", "LinuxIO", "Scheduling", "CostModel", "LuaPolicy", "Trace",
                "TraceFiles", "Device",
                "Simulator", "Daemon", "ObjectFile", "SharedRing", argumentParser, logging,
            ],
            exclude: readme("CommandLineTool"), swiftSettings: strict),

        // Tests, one bundle a module.
        tests("AscendCLTests", ["AscendCL", "Wire"]),
        tests("CommandLineToolTests", ["CommandLineTool", "Wire", argumentParser]),
        tests("CostModelTests", ["CostModel", "Wire"]),
        .target(
            name: "RingDoubles", dependencies: ["CWire", "LinuxIO"], path: "Tests/RingDoubles",
            swiftSettings: house),
        tests(
            "DaemonTests",
            [
                "Daemon", "AscendCL", "CostModel", "CWire", "Device", "LinuxIO", "RingDoubles",
                "Scheduling", "SharedRing", "Wire", logging,
            ], exclude: ["Faults/README.md", "Faults/mutations.txt"]),
        tests(
            "DeviceTests", ["Device", "AscendCL", "LinuxIO", "Wire"], exclude: ["fault_device.c"]),
        tests("LinuxIOTests", ["LinuxIO"]),
        tests("LuaPolicyTests", ["LuaPolicy", "Scheduling", "Wire"], exclude: ["hostile"]),
        tests("ObjectFileTests", ["ObjectFile"]),
        tests("RepositoryTests", []),
        tests("SchedulingTests", ["Scheduling", "Wire"]),
        tests("SharedRingTests", ["SharedRing", "CWire", "LinuxIO", "RingDoubles"]),
        tests("SimulatorTests", ["Simulator", "Scheduling", "CostModel", "Wire"]),
        tests("SoftwareDeviceTests", ["SoftwareDevice", "AscendCL", "CostModel", "Wire"]),
        tests("TraceFilesTests", ["TraceFiles", "Trace", "AscendCL", "Wire", "LinuxIO"]),
        tests("TraceTests", ["Trace", "AscendCL", "Wire"]),
        tests("WireTests", ["Wire"]),
    ] + fuzzing
)

if isFuzzing {
    for target in package.targets where target.type != .system && target.type != .test {
        target.swiftSettings = (target.swiftSettings ?? []) + [.unsafeFlags(["-sanitize=fuzzer"])]
        target.cSettings = (target.cSettings ?? []) + [.unsafeFlags(["-fsanitize=fuzzer-no-link"])]
    }
}
