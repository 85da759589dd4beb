import Glibc

/// Finds the libraries that a program would load, the way the dynamic linker does.
package struct LibrarySearch: Sendable {
    /// LD_LIBRARY_PATH.
    package var libraryPath: [String]
    /// Where the system keeps libraries.
    package var systemFolders: [String]

    package init(libraryPath: [String], systemFolders: [String] = LibrarySearch.systemFolders) {
        self.libraryPath = libraryPath
        self.systemFolders = systemFolders
    }

    /// The folders of glibc and of Debian's multiarch.
    package static let systemFolders: [String] = {
        #if arch(arm64)
            let triple = "aarch64-linux-gnu"
        #else
            let triple = "x86_64-linux-gnu"
        #endif
        return [
            "/lib/\(triple)", "/usr/lib/\(triple)", "/usr/local/lib", "/lib64", "/usr/lib64",
            "/lib", "/usr/lib",
        ]
    }()

    /// A program with every library that it loads at start.
    package struct Closure: Sendable {
        /// In the order in which the dynamic linker would load them; roots first.
        package var objects: [ObjectFile] = []
        /// Libraries that were not found, and who needs them.
        package var missing: [(name: String, neededBy: String)] = []
    }

    /// Walks DT_NEEDED from `roots`. Libraries whose name `isEnd` accepts are neither read nor
    /// missed.
    package func closure(
        of roots: [String], isEnd: (String) -> Bool
    ) throws(ObjectFileError) -> Closure {
        var closure = Closure()
        var known: Set<String> = []
        var pending: [(object: ObjectFile, inheritedRpath: [String])] = []
        for root in roots {
            let object = try ObjectFile(path: root)
            known.formUnion([lastPart(of: root), object.soname ?? lastPart(of: root)])
            pending.append((object, []))
            closure.objects.append(object)
        }
        var next = 0
        while next < pending.count {
            let (object, inherited) = pending[next]
            next += 1
            let rpath =
                object.runpath.isEmpty ? expand(object.rpath, for: object) + inherited : inherited
            for name in object.needed
            where !isEnd(lastPart(of: name)) && known.insert(name).inserted {
                guard let found = find(name, neededBy: object, rpath: rpath) else {
                    closure.missing.append((name, object.path))
                    continue
                }
                if let soname = found.soname { known.insert(soname) }
                closure.objects.append(found)
                pending.append((found, rpath))
            }
        }
        return closure
    }

    private func find(_ name: String, neededBy object: ObjectFile, rpath: [String]) -> ObjectFile? {
        if name.contains("/") { return try? ObjectFile(path: name) }
        let early = object.runpath.isEmpty ? rpath : []
        let late = expand(object.runpath, for: object)
        for folder in early + libraryPath + late + systemFolders {
            let path = folder + "/" + name
            guard unsafe access(path, R_OK) == 0 else { continue }
            // A file of another machine, or no library at all: the dynamic linker goes on, and so
            // do we.
            if let found = try? ObjectFile(path: path) { return found }
        }
        return nil
    }

    private func expand(_ folders: [String], for object: ObjectFile) -> [String] {
        let origin = folder(of: object.path)
        return folders.map { folder in
            folder.split(separator: "$", omittingEmptySubsequences: false).enumerated().map {
                index, part in
                guard index > 0 else { return String(part) }
                if part.hasPrefix("ORIGIN") { return origin + part.dropFirst(6) }
                if part.hasPrefix("{ORIGIN}") { return origin + part.dropFirst(8) }
                return "$" + part
            }.joined()
        }
    }
}

/// The last part of a path.
func lastPart(of path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
}

/// The folder that a file is in.
func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
}
