import Glibc

/// A folder with a library fitted to what a device library offers, and links to it under the names
/// of CANN's libraries.
///
/// Put first on LD_LIBRARY_PATH, it gives a program AscendCL as the device library has it: what
/// `dlsym` finds there is what the device library offers, and programs choose their path by that.
package struct FittedLibrary: Sendable, Equatable {
    /// libflexnpu.so, as programs know it.
    package static let fileName = "libflexnpu.so"

    package let folder: String
    private let name: String
    package var path: String { folder + "/" + name }

    /// Finds the fitted copy of libflexnpu.so in `cache`, or makes it.
    ///
    /// It is found by the build ids of both libraries, the wire version and the links, so a rebuilt
    /// library gets a copy of its own.
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
        try self.init(
            copyOf: library, name: Self.fileName, hiding: names, offered: device.names,
            links: links, cache: cache,
            folder: "fitted-\(wireVersion)-\(identity)-\(device.identity)-\(extent)")
    }

    /// Finds or makes the copy of a device library of one file that refuses weakly (see
    /// `DeviceLibrary`), for programs that run on it directly.
    package init(
        device: DeviceLibrary, links: [String], cache: String
    ) throws(ObjectFileError) {
        let extent = FileTree.digest(of: links.joined(separator: ",").utf8)
        try self.init(
            copyOf: device.path, name: lastPart(of: device.path), hiding: device.refusals,
            offered: [], links: links, cache: cache, folder: "device-\(device.identity)-\(extent)")
    }

    /// Two that make it at once do no harm: each makes a folder apart and renames it; who comes
    /// second finds the name taken and uses what is there.
    private init(
        copyOf library: String, name: String, hiding names: Set<String>, offered: Set<String>,
        links: [String], cache: String, folder: String
    ) throws(ObjectFileError) {
        self.name = name
        self.folder = "\(cache)/\(folder)"
        if unsafe access(path, R_OK) == 0 { return }
        try FileTree.makeFolder(cache)
        let draft = try Self.makeDraft(in: cache)
        do throws(ObjectFileError) {
            try FileTree.copy(library, to: "\(draft)/\(name)")
            _ = try hideSymbols(
                fromLookupInLibraryAt: "\(draft)/\(name)", names: names, offered: offered)
            for link in Set(links) where link != name {
                guard unsafe symlink(name, draft + "/" + link) == 0 else { throw .system(draft) }
            }
        } catch {
            FileTree.removeFolder(draft)
            throw error
        }
        guard unsafe rename(draft, self.folder) != 0 else { return }
        let failure = ObjectFileError.system(self.folder)
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
