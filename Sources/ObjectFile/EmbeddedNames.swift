import CElf

extension ObjectFile {
    /// The strings of the file's constant data that `isName` accepts: names that a program may look
    /// up with dlsym.
    ///
    /// Only whole strings of letters, digits and `_` are asked about, `lengths` long.
    package func embeddedNames(
        lengths: ClosedRange<Int>, where isName: (String) -> Bool
    ) throws(ObjectFileError) -> Set<String> {
        let elf = try ElfHandle(path: path)
        var names: Set<String> = []
        try elf.forEachSection(where: Self.holdsConstants) { section in
            var start = 0
            let bytes = unsafe section.bytes
            for index in bytes.indices where unsafe !Self.isIdentifier(bytes[index]) {
                if unsafe bytes[index] == 0, lengths.contains(index - start) {
                    let name = unsafe String(decoding: bytes[start..<index], as: UTF8.self)
                    if isName(name) { names.insert(name) }
                }
                // After anything but the end of a string, the rest of it is no name of its own.
                start = unsafe bytes[index] == 0 ? index + 1 : .max / 2
            }
        }
        return names
    }

    private static func holdsConstants(_ header: GElf_Shdr) -> Bool {
        header.sh_type == UInt32(SHT_PROGBITS) && header.sh_flags & UInt64(SHF_ALLOC) != 0
            && header.sh_flags & UInt64(SHF_EXECINSTR) == 0
    }

    private static func isIdentifier(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
