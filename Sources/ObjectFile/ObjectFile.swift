import CElf

/// A program or shared library: what it needs, what it offers, what it asks others for.
package struct ObjectFile: Sendable {
    package let path: String
    /// DT_SONAME.
    package private(set) var soname: String?
    /// The linker's build id, in hexadecimal.
    package private(set) var buildID: String?
    /// DT_NEEDED, in order.
    package private(set) var needed: [String] = []
    /// DT_RPATH and DT_RUNPATH, as written (`$ORIGIN` is not expanded).
    package private(set) var rpath: [String] = []
    package private(set) var runpath: [String] = []
    /// Names of dynamic symbols that it defines and `dlsym` finds, and that it looks for elsewhere.
    package private(set) var defined: Set<String> = []
    package private(set) var undefined: Set<String> = []
    /// Those of `undefined` that may stay so.
    package private(set) var weaklyUndefined: Set<String> = []
    /// Those of `defined` that are weak.
    package private(set) var weaklyDefined: Set<String> = []
    /// Names that it defines for programs that are linked with them; `dlsym` does not find them.
    package private(set) var linkable: Set<String> = []

    /// Reads the dynamic part of the file at `path`.
    package init(path: String) throws(ObjectFileError) {
        self.path = path
        let elf = try ElfHandle(path: path)
        var isDynamic = false
        try elf.forEachSection(where: { $0.sh_type == UInt32(SHT_DYNAMIC) }) {
            (section) throws(ObjectFileError) in
            isDynamic = true
            try readDynamic(elf, section)
        }
        guard isDynamic else { throw ObjectFileError(path: path, reason: .notDynamic) }
        try readSymbols(elf)
        try elf.forEachSection(where: { $0.sh_type == UInt32(SHT_NOTE) }) { section in
            buildID = unsafe buildID ?? Self.buildID(inNotes: section.bytes)
        }
    }

    private mutating func readDynamic(
        _ elf: borrowing ElfHandle, _ section: ElfHandle.Section
    ) throws(ObjectFileError) {
        for index in 0..<section.count {
            let entry = try elf.dynamicEntry(section, index)
            let text = { (elf: borrowing ElfHandle) in
                unsafe elf.string(
                    table: section.header.sh_link, offset: Int(clamping: entry.d_un.d_val))
            }
            switch entry.d_tag {
            case Int64(DT_NULL): return
            case Int64(DT_NEEDED): needed.append(text(elf))
            case Int64(DT_SONAME): soname = text(elf)
            case Int64(DT_RPATH): rpath += text(elf).split(separator: ":").map(String.init)
            case Int64(DT_RUNPATH): runpath += text(elf).split(separator: ":").map(String.init)
            default: break
            }
        }
    }

    private mutating func readSymbols(_ elf: borrowing ElfHandle) throws(ObjectFileError) {
        var hidden: Set<Int> = []
        try elf.withVersions { (section) throws(ObjectFileError) in
            for index in 0..<section.count
            where try elf.version(section, index) & SymbolVersion.hiddenBit != 0 {
                hidden.insert(index)
            }
        }
        try elf.forEachSymbol { index, symbol, name in
            if !symbol.isFindable {
                guard symbol.st_shndx == UInt16(SHN_UNDEF) else { return }
                undefined.insert(name)
                if symbol.isWeak { weaklyUndefined.insert(name) }
            } else if hidden.contains(index) {
                linkable.insert(name)
            } else {
                defined.insert(name)
                if symbol.isWeak { weaklyDefined.insert(name) }
            }
        }
    }

    /// NT_GNU_BUILD_ID among the notes of a section.
    private static func buildID(inNotes bytes: UnsafeRawBufferPointer) -> String? {
        var offset = 0
        while offset + 12 <= bytes.count {
            let word = {
                unsafe Int(bytes.loadUnaligned(fromByteOffset: offset + $0, as: UInt32.self))
            }
            let (nameBytes, descriptionBytes, type) = (word(0), word(4), word(8))
            let description = offset + 12 + (nameBytes + 3) / 4 * 4
            let end = description + (descriptionBytes + 3) / 4 * 4
            guard end <= bytes.count, description + descriptionBytes <= bytes.count else {
                return nil
            }
            let name = unsafe bytes[(offset + 12)..<min(offset + 16, bytes.count)]
            if type == 3, nameBytes == 4, unsafe name.elementsEqual("GNU\0".utf8) {
                return unsafe bytes[description..<(description + descriptionBytes)]
                    .map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            }
            offset = end
        }
        return nil
    }
}

extension GElf_Sym {
    var isGlobal: Bool { st_info >> 4 != UInt8(STB_LOCAL) }
    var isWeak: Bool { st_info >> 4 == UInt8(STB_WEAK) }

    /// Whether the dynamic linker would give it to somebody who asks for its name.
    var isFindable: Bool {
        st_shndx != UInt16(SHN_UNDEF)
            && (st_value != 0 || st_shndx == UInt16(SHN_ABS) || st_info & 15 == UInt8(STT_TLS))
    }
}
