import CElf
import Glibc

/// An open ELF file, as libelf sees it. All of libelf is behind this type.
// Safe: libelf's handle is private, lives as long as this value and has one owner.
@safe struct ElfHandle: ~Copyable {
    enum Access { case read, update }

    let path: String
    private let descriptor: CInt
    private let elf: OpaquePointer

    init(path: String, access: Access = .read) throws(ObjectFileError) {
        guard elf_version(UInt32(EV_CURRENT)) != UInt32(EV_NONE) else {
            throw ObjectFileError(path: path, reason: .system("libelf is too old"))
        }
        let descriptor = unsafe open(path, (access == .read ? O_RDONLY : O_RDWR) | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(path) }
        // A folder can be opened, and libelf would call it damaged.
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw ObjectFileError(path: path, reason: .notELF)
        }
        guard let elf = unsafe elf_begin(descriptor, access == .read ? ELF_C_READ : ELF_C_RDWR, nil)
        else {
            close(descriptor)
            throw ObjectFileError(path: path, reason: .malformed(ElfHandle.message))
        }
        guard unsafe elf_kind(elf) == ELF_K_ELF else {
            unsafe elf_end(elf)
            close(descriptor)
            throw ObjectFileError(path: path, reason: .notELF)
        }
        self.path = path
        self.descriptor = descriptor
        unsafe self.elf = elf
    }

    deinit {
        unsafe elf_end(elf)
        close(descriptor)
    }

    /// What libelf says about its last failure.
    private static var message: String {
        unsafe elf_errmsg(-1).map { unsafe String(cString: $0) } ?? "unknown error"
    }

    func malformed(_ what: String) -> ObjectFileError {
        ObjectFileError(path: path, reason: .malformed(what))
    }

    /// A section's head and contents.
    // Safe inside `forEachSection`, which alone makes it: the file stays open for as long.
    @safe struct Section {
        var header: GElf_Shdr
        fileprivate var handle: OpaquePointer
        fileprivate var data: UnsafeMutablePointer<Elf_Data>?

        var bytes: UnsafeRawBufferPointer {
            guard let data = unsafe data?.pointee, let start = unsafe data.d_buf else {
                return unsafe .init(start: nil, count: 0)
            }
            return unsafe UnsafeRawBufferPointer(start: start, count: data.d_size)
        }

        /// Entries of a table section.
        var count: Int {
            header.sh_entsize == 0 ? 0 : Int(clamping: header.sh_size / header.sh_entsize)
        }
    }

    /// Calls `body` with each section that it asks for, in file order.
    func forEachSection(
        where wanted: (GElf_Shdr) -> Bool, _ body: (Section) throws(ObjectFileError) -> Void
    ) throws(ObjectFileError) {
        var next = unsafe elf_nextscn(elf, nil)
        while let handle = unsafe next {
            var header = GElf_Shdr()
            guard unsafe gelf_getshdr(handle, &header) != nil else {
                throw malformed(ElfHandle.message)
            }
            if wanted(header) {
                try unsafe body(
                    Section(header: header, handle: handle, data: elf_getdata(handle, nil)))
            }
            unsafe next = elf_nextscn(elf, handle)
        }
    }

    /// The string at an offset of a string table.
    func string(table: GElf_Word, offset: Int) -> String {
        unsafe elf_strptr(elf, Int(table), offset).map { unsafe String(cString: $0) } ?? ""
    }

    /// The symbol at an index of a symbol table.
    func symbol(_ section: Section, _ index: Int) throws(ObjectFileError) -> GElf_Sym {
        var symbol = GElf_Sym()
        guard unsafe gelf_getsym(section.data, CInt(clamping: index), &symbol) != nil else {
            throw malformed(ElfHandle.message)
        }
        return symbol
    }

    /// The version of a symbol: the entry at its index of the section of versions.
    func version(_ section: Section, _ index: Int) throws(ObjectFileError) -> GElf_Versym {
        var version = GElf_Versym()
        guard unsafe gelf_getversym(section.data, CInt(clamping: index), &version) != nil else {
            throw malformed(ElfHandle.message)
        }
        return version
    }

    func update(
        _ section: Section, _ index: Int, version: GElf_Versym
    ) throws(ObjectFileError) {
        var version = version
        guard unsafe gelf_update_versym(section.data, CInt(clamping: index), &version) != 0 else {
            throw malformed(ElfHandle.message)
        }
        _ = unsafe elf_flagdata(section.data, ELF_C_SET, UInt32(ELF_F_DIRTY))
    }

    func dynamicEntry(_ section: Section, _ index: Int) throws(ObjectFileError) -> GElf_Dyn {
        var entry = GElf_Dyn()
        guard unsafe gelf_getdyn(section.data, CInt(clamping: index), &entry) != nil else {
            throw malformed(ElfHandle.message)
        }
        return entry
    }

    /// Calls `body` with each entry of the table of dynamic symbols that others may see.
    func forEachSymbol(
        _ body: (Int, GElf_Sym, String) throws(ObjectFileError) -> Void
    ) throws(ObjectFileError) {
        try forEachSection(where: { $0.sh_type == UInt32(SHT_DYNSYM) }) {
            (section) throws(ObjectFileError) in
            for index in 0..<section.count {
                let symbol = try symbol(section, index)
                guard symbol.isGlobal else { continue }
                let name = string(table: section.header.sh_link, offset: Int(symbol.st_name))
                if !name.isEmpty { try body(index, symbol, name) }
            }
        }
    }

    /// Calls `body` with the section of symbols' versions, if there is one.
    func withVersions(
        _ body: (Section) throws(ObjectFileError) -> Void
    ) throws(ObjectFileError) {
        try forEachSection(where: { $0.sh_type == UInt32(SHT_GNU_versym) }, body)
    }

    /// Writes what `update` changed. Nothing moves: offsets stay as the linker laid them out.
    func write() throws(ObjectFileError) {
        _ = unsafe elf_flagelf(elf, ELF_C_SET, UInt32(ELF_F_LAYOUT))
        guard unsafe elf_update(elf, ELF_C_WRITE) >= 0 else { throw malformed(ElfHandle.message) }
    }
}

extension ObjectFileError {
    /// The failure that errno describes.
    static func system(_ path: String) -> ObjectFileError {
        unsafe ObjectFileError(path: path, reason: .system(String(cString: strerror(errno))))
    }
}
