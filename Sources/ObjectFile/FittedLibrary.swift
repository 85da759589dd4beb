import Glibc

/// A folder with libflexnpu.so fitted to a device library, and links to it under the names of
/// CANN's libraries.
///
/// Put first on LD_LIBRARY_PATH, it gives a program AscendCL as the device library has it: what
/// `dlsym` finds there is what the device library offers, and programs choose their path by that.
package struct FittedLibrary: Sendable, Equatable {
    package static let fileName = "libflexnpu.so"

    package let folder: String
    package var path: String { folder + "/" + Self.fileName }

    /// Finds the fitted copy in `cache`, or makes it.
    ///
    /// It is found by the build ids of both libraries, the wire version and the links, so a rebuilt
    /// library gets a copy of its own. Two that make it at once do no harm: each makes a folder
    /// apart and renames it; who comes second finds the name taken and uses what is there.
    ///
    /// - Parameters:
    ///   - library: libflexnpu.so as it was built.
    ///   - device: What the device library offers.
    ///   - names: Every function of the API table; other symbols stay.
    ///   - links: Names of libraries that are to lead to it.
    ///   - wireVersion: FX_WIRE_VERSION.
    ///   - cache: A folder of the user's; it is made if need be.
    package init(
        library: String, device: DeviceLibrary, names: Set<String>, links: [String],
        wireVersion: UInt32, cache: String
    ) throws(ObjectFileError) {
        let identity = try ObjectFile(path: library).identity
        let extent = FileTree.digest(of: (names.sorted() + links).joined(separator: ",").utf8)
        folder = "\(cache)/fit-\(wireVersion)-\(identity)-\(device.identity)-\(extent)"
        if unsafe access(path, R_OK) == 0 { return }
        try FileTree.makeFolder(cache)
        let draft = try Self.makeDraft(in: cache)
        do throws(ObjectFileError) {
            try FileTree.copy(library, to: draft + "/" + Self.fileName)
            _ = try withdrawSymbols(
                fromLibraryAt: draft + "/" + Self.fileName, names: names, offered: device.names)
            for link in Set(links) where link != Self.fileName {
                guard unsafe symlink(Self.fileName, draft + "/" + link) == 0 else {
                    throw .system(draft)
                }
            }
        } catch {
            FileTree.removeFolder(draft)
            throw error
        }
        guard unsafe rename(draft, folder) != 0 else { return }
        let failure = ObjectFileError.system(folder)
        FileTree.removeFolder(draft)
        if unsafe access(path, R_OK) != 0 { throw failure }
    }

    /// A folder of our own to work in: a name that nobody has yet.
    private static func makeDraft(in cache: String) throws(ObjectFileError) -> String {
        while true {
            let name = String(UInt64.random(in: .min ... .max), radix: 16)
            let draft = "\(cache)/draft-\(name)"
            if unsafe mkdir(draft, 0o755) == 0 { return draft }
            guard errno == EEXIST else { throw .system(draft) }
        }
    }
}
