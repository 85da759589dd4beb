import Foundation
import Testing

/// What the built libraries need and offer.
@Suite struct ProductTests {
    @Test func `libflexnpu needs only libc`() throws {
        let needed = try dynamicEntries("NEEDED", of: interposer())
        #expect(needed.allSatisfy { $0 == "libc.so.6" || $0.hasPrefix("ld-linux") }, "\(needed)")
        #expect(try dynamicEntries("SONAME", of: interposer()) == ["libflexnpu.so"])
    }

    @Test func `libflexnpu exports exactly the table and its hooks`() throws {
        let wanted = try Set(
            names(in: "functions.tsv") + names(in: "hooks.tsv"))
        let exported = try exportedSymbols(of: interposer())
        #expect(wanted.subtracting(exported).sorted() == [])
        #expect(exported.subtracting(wanted).sorted() == [])
    }

    @Test func `libflexnpu is under two megabytes`() throws {
        let size = try FileManager.default.attributesOfItem(atPath: interposer())[.size] as? Int
        #expect((size ?? .max) < 2 << 20)
    }

    @Test func `the software device carries its own Swift runtime and exports only AscendCL`()
        throws
    {
        let library = try product(["libflexnpu-device.so"])
        let needed = try dynamicEntries("NEEDED", of: library)
        #expect(!needed.contains { $0.hasPrefix("libswift") }, "\(needed)")
        let table = try Set(names(in: "functions.tsv"))
        let extra = try exportedSymbols(of: library).subtracting(table)
        #expect(
            extra.sorted() == [
                "flexnpu_device_cancel", "flexnpu_device_description", "flexnpu_device_event_ns",
                "flexnpu_device_is_paced", "flexnpu_device_lateness", "flexnpu_device_refuse",
                "flexnpu_device_refuses_weakly", "flexnpu_device_run_inline",
                "flexnpu_device_scale",
            ])
    }

    private func interposer() throws -> String {
        try product(["libflexnpu.so", "libflexnpu-interposer.so"])
    }

    private func product(_ names: [String]) throws -> String {
        let paths = names.map { Repository.products.appending(path: $0).path }
        let found = paths.first { FileManager.default.fileExists(atPath: $0) }
        return try #require(found, "\(names[0]) is not built in \(Repository.products.path)")
    }

    private func exportedSymbols(of library: String) throws -> Set<String> {
        let listing = try Repository.output(
            of: "/usr/bin/nm", ["-D", "--extern-only", "--defined-only", library])
        return Set(
            listing.split(separator: "\n").compactMap { line in
                // A versioned symbol reads name@@VERSION.
                line.split(separator: " ").last?.split(separator: "@").first.map(String.init)
            })
    }

    /// The values of one kind of entry of the dynamic section: `[libc.so.6]` and the like.
    private func dynamicEntries(_ kind: String, of library: String) throws -> [String] {
        let listing = try Repository.output(of: "/usr/bin/readelf", ["-d", library])
        return listing.split(separator: "\n").filter { $0.contains("(\(kind))") }.compactMap {
            line in
            guard let open = line.lastIndex(of: "["), let close = line.lastIndex(of: "]") else {
                return nil
            }
            return String(line[line.index(after: open)..<close])
        }
    }

    /// The first column of a table of the API, without comments and the row of column names.
    private func names(in table: String) throws -> [String] {
        try Repository.lines("Sources/AscendCL/Table/\(table)")
            .filter { !$0.isEmpty && !$0.hasPrefix("#") }.dropFirst()
            .map { String($0.prefix { $0 != "\t" }) }
    }
}
