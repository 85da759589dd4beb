import CElf

/// Takes from the copy of a library at `path` every name of `names` that is not in `offered`.
///
/// A symbol that is taken stays in the table without a value: undefined and weak. dlsym and other
/// libraries' lookups pass over it as if it were not there; a program that was linked with it fails
/// at start, naming it; and should the library itself refer to it, that reference resolves to
/// nothing instead of stopping the load.
///
/// Answers how many were taken.
package func withdrawSymbols(
    fromLibraryAt path: String, names: Set<String>, offered: Set<String>
) throws(ObjectFileError) -> Int {
    let elf = try ElfHandle(path: path, access: .update)
    var count = 0
    try elf.forEachSection(where: { $0.sh_type == UInt32(SHT_DYNSYM) }) {
        (section) throws(ObjectFileError) in
        for index in 0..<section.count {
            var symbol = try elf.symbol(section, index)
            guard symbol.isGlobal, symbol.isFindable else { continue }
            let name = elf.string(table: section.header.sh_link, offset: Int(symbol.st_name))
            guard names.contains(name), !offered.contains(name) else { continue }
            symbol.st_value = 0
            symbol.st_size = 0
            symbol.st_shndx = UInt16(SHN_UNDEF)
            symbol.st_info = UInt8(STB_WEAK) << 4 | symbol.st_info & 15
            try elf.update(section, index, symbol)
            count += 1
        }
    }
    if count > 0 { try elf.write() }
    return count
}

/// What a device library offers: the names that its file defines, or all the libraries of its
/// folder together.
package struct DeviceLibrary: Sendable {
    package let path: String
    package let names: Set<String>
    /// Changes when any of its files does.
    package let identity: String

    /// `path` is a shared library or a folder of them.
    package init(path: String) throws(ObjectFileError) {
        self.path = path
        let isFolder = try FileTree.isFolder(path)
        var names: Set<String> = []
        var identities: [String] = []
        for file in isFolder ? try FileTree.libraries(inFolder: path) : [path] {
            do throws(ObjectFileError) {
                let object = try ObjectFile(path: file)
                names.formUnion(object.defined)
                identities.append(try object.identity)
            } catch {
                // A linker script may stand among libraries under such a name.
                guard isFolder, error.reason == .notELF else { throw error }
            }
        }
        guard !identities.isEmpty else { throw ObjectFileError(path: path, reason: .noLibrary) }
        self.names = names
        identity = FileTree.digest(of: identities.joined(separator: ",").utf8)
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
