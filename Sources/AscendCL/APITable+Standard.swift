extension APITable {
    /// The table that this build was made from. Read once, on first use; it takes a few
    /// milliseconds.
    package static let standard = APITable(functions: TableReader.functions())

    /// The libraries of CANN, old and new, that functions of the table are in.
    package static let libraries = TableReader.lines(FunctionTable.libraries)

    /// The names under which libflexnpu.so must be found in route mode: CANN's libraries, and those
    /// that programs need by name though they call nothing in them.
    package static let linkNames = libraries + TableReader.lines(FunctionTable.emptyLibraries)
}

/// Whether a symbol looks like one of AscendCL, in the table or not: `aclrtFoo`, `aclnnFoo`,
/// `aclFoo`, `HcclFoo` …
///
/// What looks so and is not in the table escapes: FlexNPU neither sees nor carries it.
package func looksLikeAscendCL(_ symbol: String) -> Bool {
    for family in families where symbol.utf8.starts(with: family.utf8) {
        let rest = symbol.utf8.dropFirst(family.utf8.count)
        guard let first = rest.first, (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(first) else {
            continue
        }
        return rest.allSatisfy { $0 != UInt8(ascii: "_") }
    }
    return false
}

private let families = [
    "acl", "aclrt", "aclnn", "aclmdl", "aclop", "acltdt", "aclprof", "aclfv", "aclblas", "acldump",
    "aclsys", "aclrtc", "aclsk", "aclplatform", "aclvdec", "aclvenc", "acldvpp", "Hccl", "Msprof",
    "mstx",
    "rt",
]
