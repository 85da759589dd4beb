import Glibc

/// The few things that fitting does with files and folders.
enum FileTree {
    static func isFolder(_ path: String) throws(ObjectFileError) -> Bool {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { throw .system(path) }
        return status.st_mode & S_IFMT == S_IFDIR
    }

    /// The shared libraries of a folder, sorted; each file once, however many links lead to it.
    static func libraries(inFolder path: String) throws(ObjectFileError) -> [String] {
        guard let folder = unsafe opendir(path) else { throw .system(path) }
        defer { unsafe closedir(folder) }
        var names: [String] = []
        while let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                unsafe tuple.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            if isLibraryName(name) { names.append(name) }
        }
        var seen: Set<UInt64> = []
        return names.sorted().map { path + "/" + $0 }.filter { file in
            var status = stat()
            guard unsafe stat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
                return false
            }
            return seen.insert(UInt64(status.st_ino) ^ UInt64(status.st_dev) << 48).inserted
        }
    }

    /// `libname.so`, `libname.so.1.2`
    private static func isLibraryName(_ name: String) -> Bool {
        guard let mark = name.firstRange(of: ".so") else { return false }
        let version = name[mark.upperBound...]
        return version.isEmpty
            || version.hasPrefix(".") && version.allSatisfy { $0 == "." || $0.isNumber }
    }

    /// A 64-bit digest in hexadecimal (FNV-1a). It tells versions apart; it does not guard against
    /// forgery.
    static func digest(of bytes: some Sequence<UInt8>) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        let text = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - text.count) + text
    }

    static func digest(ofFile path: String) throws(ObjectFileError) -> String {
        try digest(of: contents(of: path))
    }

    static func contents(of path: String) throws(ObjectFileError) -> [UInt8] {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(path) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe read(descriptor, &block, block.count)
            if count == 0 { return bytes }
            if count > 0 { bytes += block[..<count] } else if errno != EINTR { throw .system(path) }
        }
    }

    static func copy(_ source: String, to target: String) throws(ObjectFileError) {
        let bytes = try contents(of: source)
        let descriptor = unsafe open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o755)
        guard descriptor >= 0 else { throw .system(target) }
        defer { close(descriptor) }
        var done = 0
        while done < bytes.count {
            let count = unsafe bytes[done...].withUnsafeBytes {
                unsafe write(descriptor, $0.baseAddress, $0.count)
            }
            if count > 0 { done += count } else if errno != EINTR { throw .system(target) }
        }
    }

    /// Makes a folder and those above it.
    static func makeFolder(_ path: String) throws(ObjectFileError) {
        if unsafe mkdir(path, 0o755) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, path.contains("/") else { throw .system(path) }
        try makeFolder(folder(of: path))
        guard unsafe mkdir(path, 0o755) == 0 || errno == EEXIST else { throw .system(path) }
    }

    /// Removes a folder of files and links; one that is gone already is no trouble.
    static func removeFolder(_ path: String) {
        guard let folder = unsafe opendir(path) else { return }
        defer { unsafe closedir(folder) }
        while let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                unsafe tuple.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            if name != "." && name != ".." { unsafe unlink(path + "/" + name) }
        }
        unsafe rmdir(path)
    }
}
