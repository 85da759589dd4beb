import Wire

/// The codes the calls of the software device answer with: aclError and aclnnStatus alike.
enum Status {
    static let success = AclStatus.success
    static let notComparable = AclStatus.notComparable
    static let notInitialized = AclStatus.notInitialized
    static let alreadyInitialized = AclStatus.repeatInitialize
    static let alreadyFinalized = AclStatus.repeatFinalize
    static let invalidParameter = AclStatus.invalidParameter
    static let unknownDevice = AclStatus.invalidDevice
    static let noContext = AclStatus.noContext
    static let nullArgument = AclStatus.nullArgument
    static let invalidArgument = AclStatus.invalidArgument
    static let featureUnsupported = AclStatus.featureUnsupported
    static let outOfDeviceMemory = AclStatus.outOfMemory
    static let overLimit = AclStatus.overLimit
    static let forkedChild = AclStatus.forkedChild
    static let deviceFault = AclStatus.badAddress
    static let timedOut = AclStatus.timeout
}

/// Why a call fails: the code it returns and what aclGetRecentErrMsg says about it.
struct Failure: Error {
    var code: Int32
    var message: String

    init(_ code: Int32, _ message: String) {
        self.code = code
        self.message = message
    }

    static func invalid(_ message: String) -> Failure {
        Failure(Status.invalidParameter, message)
    }

    static let noContext = Failure(
        Status.noContext, "no current context in this thread; call aclrtSetDevice first")
}
