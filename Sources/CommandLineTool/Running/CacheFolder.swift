import AscendCL
import Foundation
import Glibc
import LinuxIO
import ObjectFile

/// Where folders of links are kept from one run to the next: `$XDG_CACHE_HOME/flexnpu`, else
/// `~/.cache/flexnpu`.
struct CacheFolder {
    var path: String

    init(environment: [String: String]) {
        if let folder = environment["XDG_CACHE_HOME"], folder.hasPrefix("/") {
            path = "\(folder)/flexnpu"
        } else if let home = environment["HOME"], home.hasPrefix("/") {
            path = "\(home)/.cache/flexnpu"
        } else {
            path = "\(RuntimeFolder.current.path)/cache"
        }
    }

    /// A folder in which every library of CANN that a program may need is `file`: what the dynamic
    /// linker needs where the device library is one file.
    func linkFolder(to file: String) throws(CommandFailure) -> String {
        let names = APITable.linkNames + Self.furtherNames
        do throws(ObjectFileError) {
            let device = try DeviceLibrary(path: file)
            guard device.refusals.isEmpty else {
                return try FittedLibrary(device: device, links: names, cache: path).folder
            }
        } catch {
            throw CommandFailure("\(error)")
        }
        return try plainLinkFolder(to: file, names)
    }

    private func plainLinkFolder(
        to file: String, _ names: [String]
    ) throws(CommandFailure) -> String {
        let folder = "\(path)/device-\(Self.digest(of: file))"
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw CommandFailure(
                "\(folder): cannot be made (\(error.localizedDescription)); set XDG_CACHE_HOME")
        }
        for name in Set(names) { try link("\(folder)/\(name)", to: file) }
        return folder
    }

    /// Libraries that torch_npu's parts name though they call nothing of the table in them.
    private static let furtherNames = ["libfmk_parser.so", "libascend_protobuf.so"]

    /// Makes the link, or leaves the right one. Another run may be doing the same.
    private func link(_ path: String, to file: String) throws(CommandFailure) {
        if let there = try? FileManager.default.destinationOfSymbolicLink(atPath: path),
            there == file
        {
            return
        }
        do throws(SystemError) {
            try Paths.link(path, to: file, draft: "\(path).\(getpid())")
        } catch {
            throw CommandFailure("\(path): \(error.reason)")
        }
    }

    /// Tells paths apart (FNV-1a).
    static func digest(of text: String) -> String {
        let hash = text.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
            ($0 ^ UInt64($1)) &* 0x100_0000_01b3
        }
        return String(hash, radix: 16)
    }
}
