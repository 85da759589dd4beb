import AscendCL
import Foundation
import Testing
import Wire

@Suite struct APITableTests {
    let table = APITable.standard

    @Test func `every row of the source is there, in order`() throws {
        let rows = try sourceRows("functions.tsv")
        #expect(table.functions.count == rows.count)
        for (function, row) in zip(table.functions, rows) {
            #expect(function.name == row[0])
            #expect(function.library == row[1])
            #expect(function.result == row[2])
            #expect(function.refusal == (row[3] == "-" ? "" : row[3]))
            #expect(function.argumentClasses == (row[4] == "-" ? "" : row[4]))
            let parameters = function.parameters.map {
                "\($0.kind.rawValue)\($0.extent.isEmpty ? "" : ":" + $0.extent) \($0.type) \($0.name)"
            }
            let expected = row[5] == "-" ? "" : row[5].replacingOccurrences(of: "; ...", with: "")
            #expect(parameters.joined(separator: "; ") == expected)
        }
    }

    @Test func `ids are row numbers, and names lead to them`() {
        for (index, function) in table.functions.enumerated() {
            #expect(Int(function.id.rawValue) == index)
            #expect(table.function(named: function.name)?.id == function.id)
            #expect(table[function.id]?.name == function.name)
        }
        #expect(table.function(named: "aclrtNoSuchThing") == nil)
        #expect(table[FunctionID(rawValue: UInt16(table.functions.count))] == nil)
    }

    @Test func `what is refused says why, and what it returns`() {
        for function in table.functions {
            let isRefused = function.functionClass == .refuse
            #expect(function.reason.isEmpty != isRefused, "\(function.name)")
            #expect(function.refusal.isEmpty == (function.result == "void"), "\(function.name)")
        }
    }

    @Test(arguments: [
        ("aclrtMalloc", FunctionClass.memory, "libascendcl.so"),
        ("aclrtStreamQuery", .query, "libascendcl.so"),
        ("aclrtMemcpyAsync", .enqueue, "libascendcl.so"),
        ("aclrtStreamWaitEvent", .order, "libascendcl.so"),
        ("aclrtSynchronizeStream", .wait, "libascendcl.so"),
        ("aclrtCreateStream", .handle, "libascendcl.so"),
        ("aclCreateTensor", .local, "libnnopbase.so"),
        ("InitHugeMemThreadLocal", .local, "libnnopbase.so"),
        ("aclnnAdd", .enqueue, "libopapi.so"),
        ("aclnnAddGetWorkspaceSize", .enqueue, "libopapi.so"),
        ("aclnnNonzeroV2", .refuse, "libopapi.so"),
        ("aclnnMatmulAllReduce", .refuse, "libopapi.so"),
        ("aclopCompileAndExecute", .refuse, "libacl_op_compiler.so"),
        ("aclrtCtxSetSysParamOpt", .query, "libacl_op_compiler.so"),
        ("HcclAllReduce", .refuse, "libhccl.so"),
        ("HcclSetConfig", .query, "libhccl.so"),
        ("mstxRangeStartA", .local, "libms_tools_ext.so"),
        ("MsprofReportApi", .local, "libprofapi.so"),
        ("rtKernelLaunch", .refuse, "libruntime.so"),
    ])
    func `functions are what they are`(
        name: String, functionClass: FunctionClass, library: String
    ) throws {
        let function = try #require(table.function(named: name))
        #expect(function.functionClass == functionClass)
        #expect(function.library == library)
    }

    @Test func `libflexnpu stands for every name of a library, old and new`() throws {
        let further = try sourceRows("libraries.tsv")
        let names = Set(table.functions.map(\.library) + further.map { $0[0] })
        #expect(Set(APITable.linkNames) == names)
        #expect(APITable.linkNames.count == names.count)
        for name in ["libascendcl.so", "libacl_rt.so", "libopapi_math.so", "libruntime_v200.so"] {
            #expect(APITable.libraries.contains(name))
        }
        // Needed by name, and with nothing of the table in it.
        #expect(!APITable.libraries.contains("libge_runner.so"))
    }

    @Test func `polls are the questions that are asked again`() {
        let polls = Set(table.functions.filter(\.isPoll).map(\.name))
        #expect(
            polls == [
                "aclrtStreamQuery", "aclrtQueryEvent", "aclrtQueryEventStatus",
                "aclrtQueryEventWaitStatus",
            ])
    }

    @Test func `operations that take a communicator group are refused`() {
        let grouped = table.functions.filter { function in
            !function.argumentClasses.isEmpty
                && function.parameters.contains {
                    $0.kind == .string && $0.name.lowercased().hasPrefix("group")
                }
        }
        #expect(grouped.count == 38)
        for function in grouped { #expect(function.functionClass == .refuse, "\(function.name)") }
    }

    @Test func `argument classes agree with the parameters`() {
        for function in table.functions where !function.argumentClasses.isEmpty {
            let parameters = function.parameters.dropLast(2)
            #expect(parameters.count == function.argumentClasses.count, "\(function.name)")
            #expect(function.parameters.suffix(2).map(\.kind) == [.out, .out], "\(function.name)")
            for (letter, parameter) in zip(function.argumentClasses, parameters) {
                let expected: ParameterKind =
                    switch letter {
                    case "s": .string
                    case "f", "d": .float
                    case "i", "w", "b": parameter.kind == .float ? .handle : parameter.kind
                    default: .handle
                    }
                #expect(parameter.kind == expected, "\(function.name) \(parameter.name)")
            }
        }
    }

    @Test func `kinds that need an extent have one`() {
        for function in table.functions {
            for parameter in function.parameters {
                let needs = [.out, .bytes, .array].contains(parameter.kind)
                if parameter.kind == .opaque && function.functionClass == .query { continue }
                #expect(parameter.extent.isEmpty != needs, "\(function.name) \(parameter.name)")
                if parameter.kind == .out {
                    #expect(["1", "2", "4", "8"].contains(parameter.extent))
                } else if needs {
                    let counter = parameter.extent.prefix { $0 != "*" }
                    #expect(function.parameters.contains { $0.name == counter })
                }
            }
        }
    }

    @Test(arguments: [
        ("aclrtFutureThing", true), ("aclnnNewOperation", true), ("aclFoo", true),
        ("HcclNew", true), ("mstxNew", true), ("rtNew", true), ("aclrt", false),
        ("acl_get_file", false),
        ("aclnn_add", false), ("rtnl_open", false), ("realloc", false), ("Hccl", false),
        ("aclnnA_b", false),
    ])
    func `symbols that look like AscendCL are told from others`(name: String, expected: Bool) {
        #expect(looksLikeAscendCL(name) == expected)
    }

    @Test func `every function but the hand-wrapped ones looks like AscendCL`() {
        let others = table.functions.map(\.name).filter { !looksLikeAscendCL($0) }
        #expect(others == ["InitHugeMemThreadLocal", "UnInitHugeMemThreadLocal", "ReleaseHugeMem"])
    }

}

/// The rows of a file of Sources/AscendCL/Table.
private func sourceRows(_ name: String) throws -> [[String]] {
    let repository = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let file = repository.appendingPathComponent("Sources/AscendCL/Table/\(name)")
    return try String(contentsOf: file, encoding: .utf8)
        .split(separator: "\n").filter { !$0.hasPrefix("#") }.dropFirst()
        .map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }
}
