// swift-tools-version: 6.3
import PackageDescription

let package = Package(
    name: "generate",
    targets: [
        .executableTarget(
            name: "generate",
            swiftSettings: [.swiftLanguageMode(.v6), .treatAllWarnings(as: .error)])
    ]
)
