import Glibc

/// The folder a policy lies in: what its `require` may read.
package struct PolicyFolder: Sendable {
    /// Larger files are not read; a policy is text by hand.
    package static let sizeLimit = 256 << 10

    private let path: String

    /// The folder of the policy file at `path`.
    package init(ofPolicyAt path: String) {
        let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
            .joined(separator: "/")
        self.path = folder.isEmpty ? (path.hasPrefix("/") ? "/" : ".") : folder
    }

    /// The text of `name`.lua, or nil where there is no such file. `name` is one path component,
    /// and links are not followed: nothing outside the folder is read.
    package func source(of name: String) -> String? {
        guard !name.isEmpty, !name.contains("/"), !name.hasPrefix(".") else { return nil }
        let file = unsafe open(
            "\(path)/\(name).lua", O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var status = stat()
        guard unsafe fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            status.st_size <= Self.sizeLimit
        else { return nil }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        var used = 0
        while used < bytes.count {
            let count = unsafe bytes.withUnsafeMutableBytes {
                unsafe read(file, $0.baseAddress?.advanced(by: used), $0.count - used)
            }
            if count <= 0 { return nil }
            used += count
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
