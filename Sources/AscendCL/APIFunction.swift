package import Wire

/// What a call is; every function has exactly one class.
package enum FunctionClass: String, Sendable, CaseIterable {
    /// Answered in the program (constants, descriptors, error text).
    case local
    /// Asks the daemon and waits for the answer.
    case query
    /// Puts work on a stream: queued, ordered, dispatched by the policy.
    case enqueue
    /// Shapes order on streams.
    case order
    /// Blocks the caller until a point is reached.
    case wait
    /// Creates or destroys a virtual object.
    case handle
    /// Allocates, maps, shares, copies synchronously.
    case memory
    /// Cannot be carried: returns its refusal value and says which call and why.
    case refuse
}

/// How a parameter travels in a call record's word (see `fx_record`).
package enum ParameterKind: Character, Sendable {
    case integer = "i"  // signed
    case unsigned = "u"
    case boolean = "b"
    case float = "f"  // float or double
    case handle = "h"  // stream, event, context, executor, tensor …: an opaque object
    case address = "a"  // a device or host address
    case string = "s"
    case bytes = "y"  // memory whose extent is known
    case array = "v"  // of 64-bit integers, extent known
    /// An out-parameter of at most 8 bytes: the word holds what it points to after the call.
    case out = "o"
    case opaque = "p"  // any other pointer
    case structure = "t"  // a structure by value
}

/// A parameter as the table has it.
package struct APIParameter: Sendable, Equatable {
    package var type: String
    package var name: String
    package var kind: ParameterKind
    /// For `out`: bytes pointed to. For `array`: the parameter that counts its 64-bit elements. For
    /// `bytes`: the parameter that counts them, with `*4` after it where it counts elements of four
    /// bytes; if that parameter is an aclDataType, the bytes of one value of that type. For `opaque`,
    /// where a query has memory filled: its bytes, or the parameter that counts them; else empty.
    package var extent: String
    package init(type: String, name: String, kind: ParameterKind, extent: String) {
        self.type = type
        self.name = name
        self.kind = kind
        self.extent = extent
    }
}

/// One function of AscendCL.
package struct APIFunction: Sendable, Equatable {
    package var id: FunctionID
    package var name: String
    /// The library that CANN has it in, as `libascendcl.so`.
    package var library: String
    package var result: String
    package var functionClass: FunctionClass
    /// What a refused call returns, in C; and why it is refused.
    package var refusal: String
    package var reason: String
    /// A repeated question (is it done yet?): how often it is asked is timing, not structure.
    package var isPoll: Bool
    /// A query that libflexnpu.so or the daemon answers by code of its own (queries.tsv).
    package var isAnsweredByHand: Bool
    /// For GetWorkspaceSize: the class letters of its arguments; else empty.
    package var argumentClasses: String
    /// For GetWorkspaceSize: bit n says that argument n is no part of the plan but travels with each
    /// launch (values.tsv). Tensors, whose address and offset always travel, are not counted.
    package var travellingArguments: UInt64
    package var parameters: [APIParameter]
    package init(
        id: FunctionID, name: String, library: String, result: String, functionClass: FunctionClass,
        refusal: String, reason: String, isPoll: Bool, isAnsweredByHand: Bool = false,
        argumentClasses: String, travellingArguments: UInt64 = 0, parameters: [APIParameter]
    ) {
        self.id = id
        self.name = name
        self.library = library
        self.result = result
        self.functionClass = functionClass
        self.refusal = refusal
        self.reason = reason
        self.isPoll = isPoll
        self.isAnsweredByHand = isAnsweredByHand
        self.argumentClasses = argumentClasses
        self.travellingArguments = travellingArguments
        self.parameters = parameters
    }
}

/// The whole table.
///
/// `APITable.standard` (in `APITable+Standard.swift`, beside the generated text it reads) is the
/// one this build was made from.
package struct APITable: Sendable {
    package let functions: [APIFunction]
    private let idsByName: [String: FunctionID]

    package init(functions: [APIFunction]) {
        self.functions = functions
        var ids: [String: FunctionID] = [:]
        ids.reserveCapacity(functions.count)
        for function in functions { ids[function.name] = function.id }
        idsByName = ids
    }

    /// The function of that name, if the table has one.
    package func function(named name: String) -> APIFunction? {
        idsByName[name].map { functions[Int($0.rawValue)] }
    }

    /// The function with that id, if the table has one.
    package subscript(id: FunctionID) -> APIFunction? {
        Int(id.rawValue) < functions.count ? functions[Int(id.rawValue)] : nil
    }
}
