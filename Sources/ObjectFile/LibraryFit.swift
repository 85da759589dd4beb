import CElf

/// Versions of symbols, as the dynamic linker reads them.
enum SymbolVersion {
    /// Not the default version of its name.
    static let hiddenBit: GElf_Versym = 0x8000
    /// The first version that a library may have of its own. A reference without a version, as
    /// programs have that were linked with CANN, takes the first version of a name, hidden or not;
    /// dlsym takes the default version and no other.
    static let firstHidden: GElf_Versym = hiddenBit | 2
}

/// Hides, in the copy of a library at `path`, every name of `names` that is not in `offered`: dlsym
/// does not find it, and programs that were linked with it do.
///
/// A program that looks a function up by name chooses its path by what it finds, so it must not find
/// what the device lacks; but one that was linked with it may never call it, and must start. In the
/// symbol's place of the table of versions stands afterwards what a function has that a library
/// keeps for old programs only.
///
/// Answers how many were hidden.
package func hideSymbols(
    fromLookupInLibraryAt path: String, names: Set<String>, offered: Set<String>
) throws(ObjectFileError) -> Int {
    let elf = try ElfHandle(path: path, access: .update)
    var indices: [Int] = []
    try elf.forEachSymbol { index, symbol, name in
        if symbol.isFindable, names.contains(name), !offered.contains(name) {
            indices.append(index)
        }
    }
    guard !indices.isEmpty else { return 0 }
    var isVersioned = false
    try elf.withVersions { (section) throws(ObjectFileError) in
        isVersioned = true
        for index in indices {
            try elf.update(section, index, version: SymbolVersion.firstHidden)
        }
    }
    guard isVersioned else { throw elf.malformed("its symbols have no versions") }
    try elf.write()
    return indices.count
}

/// What a device library offers: the names that its file defines, or all the libraries of its
/// folder together.
///
/// A library that defines `flexnpu_device_refuses_weakly` offers nothing by its weak definitions:
/// they are there for programs that were linked with them.
package struct DeviceLibrary: Sendable {
    package let path: String
    package let names: Set<String>
    /// What it defines and does not offer.
    package let refusals: Set<String>
    /// `names` by the library that offers them, without folder.
    private let namesByLibrary: [String: Set<String>]
    /// Changes when any of its files does.
    package let identity: String
    private let isFile: Bool

    /// `path` is a shared library or a folder of them.
    package init(path: String) throws(ObjectFileError) {
        self.path = path
        let isFolder = try FileTree.isFolder(path)
        var names: Set<String> = []
        var refusals: Set<String> = []
        var namesByLibrary: [String: Set<String>] = [:]
        var identities: [String] = []
        for file in isFolder ? try FileTree.libraries(inFolder: path) : [path] {
            do throws(ObjectFileError) {
                let object = try ObjectFile(path: file)
                let refuses = object.defined.contains("flexnpu_device_refuses_weakly")
                refusals.formUnion(refuses ? object.weaklyDefined : [])
                names.formUnion(object.defined)
                namesByLibrary[lastPart(of: file)] = object.defined
                identities.append(try object.identity)
            } catch {
                // A linker script may stand among libraries under such a name.
                guard isFolder, error.reason == .notELF else { throw error }
            }
        }
        guard !identities.isEmpty else { throw ObjectFileError(path: path, reason: .noLibrary) }
        self.names = names.subtracting(refusals)
        self.refusals = refusals
        self.namesByLibrary = namesByLibrary
        isFile = !isFolder
        identity = FileTree.digest(of: identities.joined(separator: ",").utf8)
    }

    /// What its libraries of these names define; a device library of one file stands for all.
    package func names(in libraries: Set<String>) -> Set<String> {
        namesByLibrary.reduce(into: []) { found, library in
            if isFile || libraries.contains(library.key) { found.formUnion(library.value) }
        }
    }
}

extension ObjectFile {
    /// The build id, or a digest of the contents of a file that was linked without one.
    package var identity: String {
        get throws(ObjectFileError) {
            if let buildID { return buildID }
            return try FileTree.digest(ofFile: path)
        }
    }
}
