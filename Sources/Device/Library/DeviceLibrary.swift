import Glibc

/// Why the device library could not be used; the message names the file and the remedy.
package struct DeviceLibraryError: Error, Sendable, CustomStringConvertible {
    package var description: String
    package init(_ description: String) { self.description = description }
}

/// Whatever exports AscendCL: the vendor's CANN, or the software device. Loaded by absolute path,
/// so that a preloaded interposer in front of it cannot be met by accident.
// Nothing here changes, and dlsym may be called from any thread. Safe to hold; what it finds is
// only as good as the type it is asked for, which `unsafe` marks.
@safe package final class DeviceLibrary: @unchecked Sendable {
    /// The folder or file it was loaded from.
    package let path: String
    // dlopen's handles are never closed: the device's threads outlive us.
    private let handles: [UnsafeMutableRawPointer]

    /// The libraries of CANN that carry functions this daemon calls, in the order they are loaded.
    private static let parts = [
        "libascendcl.so", "libnnopbase.so", "libopapi.so", "libacl_op_compiler.so", "libhccl.so",
    ]

    /// Loads `path`: a folder with CANN's libraries by name, or one file that has everything.
    package init(path: String) throws(DeviceLibraryError) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else {
            throw DeviceLibraryError(
                "\(path): no such device library; name CANN's library folder or libflexnpu-device.so"
            )
        }
        let isFolder = status.st_mode & S_IFMT == S_IFDIR
        let files = isFolder ? Self.files(in: path) : [path]
        guard !files.isEmpty else {
            throw DeviceLibraryError("\(path): holds no libascendcl.so")
        }
        var opened: [UnsafeMutableRawPointer] = unsafe []
        for file in files {
            guard let handle = unsafe dlopen(file, RTLD_NOW | RTLD_LOCAL) else {
                let reason = unsafe dlerror().map { unsafe String(cString: $0) } ?? "unknown reason"
                throw DeviceLibraryError("\(file): cannot be loaded: \(reason)")
            }
            unsafe opened.append(handle)
        }
        self.path = path
        unsafe handles = opened
    }

    private static func files(in folder: String) -> [String] {
        parts.map { part -> String in folder + "/" + part }.filter { unsafe access($0, R_OK) == 0 }
    }

    /// The address of a function, or nil where no part of the library exports it.
    package func address(of name: String) -> UnsafeMutableRawPointer? {
        for index in unsafe handles.indices {
            if let found = unsafe dlsym(handles[index], name) { return unsafe found }
        }
        return nil
    }

    /// Whether some part of the library has a function of this name.
    package func exports(_ name: String) -> Bool { unsafe address(of: name) != nil }

    /// A function that the daemon cannot do without.
    @unsafe func required<Function>(_ name: String, as type: Function.Type)
        throws(DeviceLibraryError)
        -> Function
    {
        guard let found = unsafe address(of: name) else {
            throw DeviceLibraryError("\(path): exports no \(name); is it an AscendCL library?")
        }
        return unsafe unsafeBitCast(found, to: type)
    }

    /// A function that a device library may lack.
    @unsafe package func optional<Function>(_ name: String, as type: Function.Type) -> Function? {
        unsafe address(of: name).map { unsafe unsafeBitCast($0, to: type) }
    }
}
