import CLinux
package import Glibc

/// System calls that take a path, each as one safe function.
package enum Paths {
    /// Makes one folder; one that is there already is left as it is.
    package static func makeFolder(_ path: String, mode: UInt32 = 0o700) throws(SystemError) {
        if unsafe mkdir(path, mode) != 0 && errno != EEXIST { throw SystemError(path) }
    }

    /// What lies at a path, a link itself where it is one; nil where nothing does.
    package static func facts(_ path: String) -> stat? {
        var facts = stat()
        return unsafe lstat(path, &facts) == 0 ? facts : nil
    }

    /// Whether a folder, or a link to one, is there.
    package static func isFolder(_ path: String) -> Bool {
        var facts = stat()
        return unsafe stat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFDIR
    }

    /// Removes a file, a link or a socket. Nothing is said where none is there.
    package static func remove(_ path: String) { unsafe unlink(path) }

    /// Puts a link to `target` in place of whatever file is at `path`, at once; `draft` is a name
    /// beside it that nobody else uses.
    package static func link(_ path: String, to target: String, draft: String) throws(SystemError) {
        remove(draft)
        try retrying(path) { unsafe symlink(target, draft) }
        try retrying(path) { unsafe rename(draft, path) }
    }

    /// Gives a folder to a group, which may enter it and read it.
    package static func openFolder(_ path: String, to group: UInt32) throws(SystemError) {
        try retrying("\(path): give to group \(group)") { unsafe lchown(path, uid_t.max, group) }
        try retrying("\(path): chmod") { unsafe chmod(path, 0o750) }
    }

    /// Lets nobody but its owner into a folder.
    package static func closeFolder(_ path: String) throws(SystemError) {
        try retrying("\(path): chmod") { unsafe chmod(path, 0o700) }
    }

    /// Opens a file to be written from its beginning; a link is not followed.
    package static func openEmptied(_ path: String, mode: UInt32 = 0o600) throws(SystemError)
        -> OwnedDescriptor
    {
        let flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC
        return OwnedDescriptor(adopting: try retrying(path) { unsafe open(path, flags, mode) })
    }

    /// Opens what has nothing to read: /dev/null.
    package static func openNothing() throws(SystemError) -> OwnedDescriptor {
        let path = "/dev/null"
        return OwnedDescriptor(
            adopting: try retrying(path) { unsafe open(path, O_RDONLY | O_CLOEXEC) })
    }
}

/// Columns of the terminal that is the output; nil where it is none.
package func terminalColumns() -> Int? {
    var size = winsize()
    let asked = unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size)
    return asked == 0 && size.ws_col > 0 ? Int(size.ws_col) : nil
}

/// The number of the group of that name, or of that number.
package func groupNumber(_ name: String) throws(SystemError) -> UInt32 {
    if let number = UInt32(name), number < UInt32.max { return number }
    var group: UInt32 = 0
    try retrying("group \(name)") { unsafe cl_group_id(name, &group) }
    return group
}
