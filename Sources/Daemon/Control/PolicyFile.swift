package import LinuxIO

/// The files of policies, as the daemon and the commands read them: by names that people give, so
/// whatever lies there must not hold anybody up.
package enum PolicyFile {
    /// A policy is text by hand.
    package static let limitBytes = 256 << 10

    /// The text of the policy file at `path`.
    package static func text(at path: String) throws(FileRefusal) -> String {
        try text(at: path, FileRules(limitBytes: limitBytes))
    }

    static func text(at path: String, _ rules: FileRules) throws(FileRefusal) -> String {
        let bytes = try readRegularFile(path, rules)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw FileRefusal(path, .notText)
        }
        return text
    }
}

/// The folder a policy lies in: what its `require` may read.
package struct PolicyFolder: Sendable {
    private let path: String

    /// The folder of the policy file at `path`.
    package init(ofPolicyAt path: String) {
        let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
            .joined(separator: "/")
        self.path = folder.isEmpty ? (path.hasPrefix("/") ? "/" : ".") : folder
    }

    /// The text of `name`.lua, or nil where there is no such file. `name` is one path component,
    /// and links are not followed: nothing outside the folder is read.
    package func source(of name: String) throws(ModuleRefusal) -> String? {
        guard !name.isEmpty, !name.contains("/"), !name.hasPrefix(".") else { return nil }
        do throws(FileRefusal) {
            return try PolicyFile.text(
                at: "\(path)/\(name).lua",
                FileRules(limitBytes: PolicyFile.limitBytes, followsLinks: false))
        } catch {
            if error.reason == .absent { return nil }
            throw ModuleRefusal(description: error.why)
        }
    }
}

/// Why a file that a policy requires is not read; the policy's own message names it.
package struct ModuleRefusal: Error, CustomStringConvertible {
    package let description: String
}
