import CLuaBridge
import Glibc
import Wire

/// The Swift side of the calls that a policy's natives make. C keeps pointers to what it is given,
/// so the texts live in blocks of their own for as long as this object.
final class LuaHost {
    private let environment: LuaEnvironment
    private var names: [UInt16: UnsafeMutablePointer<CChar>] = [:]
    private var module: UnsafeMutableBufferPointer<CChar>?

    init(_ environment: LuaEnvironment) {
        self.environment = environment
    }

    deinit {
        for name in names.values { free(name) }
        module?.deallocate()
    }

    /// What C calls. It holds this object unretained: whoever makes it keeps the object as long as
    /// the policy.
    var callbacks: fxl_host {
        fxl_host(
            context: Unmanaged.passUnretained(self).toOpaque(),
            function_name: { context, function in
                LuaHost.from(context).name(of: function)
            },
            module_source: { context, name, bytes in
                LuaHost.from(context).source(of: String(cString: name), bytes: bytes)
            })
    }

    private static func from(_ context: UnsafeMutableRawPointer?) -> LuaHost {
        guard let context else { preconditionFailure("a policy without its host") }
        return Unmanaged<LuaHost>.fromOpaque(context).takeUnretainedValue()
    }

    private func name(of function: UInt16) -> UnsafePointer<CChar> {
        if let name = names[function] { return UnsafePointer(name) }
        guard let name = strdup(environment.functionName(FunctionID(rawValue: function))) else {
            preconditionFailure("not enough memory for a function's name")
        }
        names[function] = name
        return UnsafePointer(name)
    }

    private func source(
        of name: String, bytes: UnsafeMutablePointer<Int>
    ) -> UnsafePointer<CChar>? {
        guard let text = environment.moduleSource(name) else { return nil }
        let copy = UnsafeMutableBufferPointer<CChar>.allocate(capacity: text.utf8.count + 1)
        _ = copy.initialize(from: text.utf8.lazy.map { CChar(bitPattern: $0) })
        copy[text.utf8.count] = 0
        module?.deallocate()
        module = copy
        bytes.pointee = text.utf8.count
        return UnsafePointer(copy.baseAddress)
    }
}
