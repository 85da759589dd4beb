package import AscendCL
package import Wire

/// Finds aclnn operations in the device library and prepares calls to them.
package final class OperatorLibrary: Sendable {
    private let library: DeviceLibrary
    private let calls: OperatorCalls

    package init(library: DeviceLibrary) throws(DeviceLibraryError) {
        self.library = library
        calls = try OperatorCalls(library)
    }

    /// The address of any function of the device library.
    func address(of name: String) -> UnsafeMutableRawPointer? { unsafe library.address(of: name) }

    /// Prepares the operation whose phase one is `function`, as `aclnnAddGetWorkspaceSize`.
    package func prepareKernel(_ function: APIFunction, _ signature: Signature) throws(DeviceError)
        -> PreparedKernel
    {
        let suffix = "GetWorkspaceSize"
        guard function.name.hasSuffix(suffix) else {
            throw DeviceError(code: 561_000, message: "\(function.name) is no phase one")
        }
        let letters = String(decoding: signature.items.map(\.letter), as: UTF8.self)
        guard letters == function.argumentClasses else {
            throw DeviceError(
                code: 161_002,
                message:
                    "\(function.name): arguments are \(letters), not \(function.argumentClasses)")
        }
        let name = String(function.name.dropLast(suffix.count))
        guard let one = unsafe library.address(of: function.name),
            let two = unsafe library.address(of: name)
        else {
            throw DeviceError(
                code: 161_002,
                message: "\(name): the device library \(library.path) has no such operation")
        }
        let phaseTwo = unsafe unsafeBitCast(two, to: PreparedKernel.PhaseTwo.self)
        guard
            let kernel = unsafe PreparedKernel(
                name: name, signature: signature, phaseOne: one, phaseTwo: phaseTwo, calls: calls)
        else {
            throw DeviceError(code: 561_000, message: "\(name): its call cannot be made from here")
        }
        return kernel
    }
}
