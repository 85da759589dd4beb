import CLuaBridge
import Glibc
import Wire

/// The Swift side of the calls that a policy's natives make. C keeps pointers to what it is given,
/// so the texts live in blocks of their own for as long as this object.
// `deinit` frees each block once; nobody else has them.
@safe final class LuaHost {
    private let environment: LuaEnvironment
    private var names: [UInt16: UnsafeMutablePointer<CChar>] = unsafe [:]
    /// What `require` was answered last: a file's text, or why it cannot be read.
    private var answer: UnsafeMutableBufferPointer<CChar>?
    /// The files that were required, by the names that `require` was given.
    private(set) var modules: [String: String] = [:]
    private var moduleBytes = 0

    /// All that one policy may require, together.
    static let moduleBytesMax = 1 << 20

    init(_ environment: LuaEnvironment) {
        self.environment = environment
    }

    deinit {
        unsafe names.values.forEach { unsafe free($0) }
        unsafe answer?.deallocate()
    }

    /// What C calls. It holds this object unretained: whoever makes it keeps the object as long as
    /// the policy.
    var callbacks: fxl_host {
        unsafe fxl_host(
            context: Unmanaged.passUnretained(self).toOpaque(),
            function_name: { context, function in
                unsafe LuaHost.from(context).name(of: function)
            },
            module_source: { context, name, bytes, why in
                unsafe LuaHost.from(context).source(
                    of: String(cString: name), bytes: bytes, why: why)
            })
    }

    private static func from(_ context: UnsafeMutableRawPointer?) -> LuaHost {
        guard let context = unsafe context else { preconditionFailure("a policy without its host") }
        return unsafe Unmanaged<LuaHost>.fromOpaque(context).takeUnretainedValue()
    }

    private func name(of function: UInt16) -> UnsafePointer<CChar> {
        if let name = unsafe names[function] { return unsafe UnsafePointer(name) }
        guard let name = unsafe strdup(environment.functionName(FunctionID(rawValue: function)))
        else {
            preconditionFailure("not enough memory for a function's name")
        }
        unsafe names[function] = name
        return unsafe UnsafePointer(name)
    }

    private func source(
        of name: String, bytes: UnsafeMutablePointer<Int>,
        why: UnsafeMutablePointer<UnsafePointer<CChar>?>
    ) -> UnsafePointer<CChar>? {
        do {
            guard let text = try environment.moduleSource(name) else { return nil }
            moduleBytes += text.utf8.count
            guard moduleBytes <= Self.moduleBytesMax else {
                unsafe why.pointee = keep(
                    "the policy's files hold more than \(Self.moduleBytesMax) bytes together")
                return nil
            }
            modules[name] = text
            unsafe bytes.pointee = text.utf8.count
            return unsafe keep(text)
        } catch {
            unsafe why.pointee = keep("\(error)")
            return nil
        }
    }

    /// The text as C finds it until the next is kept.
    private func keep(_ text: String) -> UnsafePointer<CChar>? {
        let copy = UnsafeMutableBufferPointer<CChar>.allocate(capacity: text.utf8.count + 1)
        _ = unsafe copy.initialize(from: text.utf8.lazy.map { CChar(bitPattern: $0) })
        unsafe copy[text.utf8.count] = 0
        unsafe answer?.deallocate()
        unsafe answer = copy
        return unsafe UnsafePointer(copy.baseAddress)
    }
}
