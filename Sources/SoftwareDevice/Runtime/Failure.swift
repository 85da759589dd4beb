/// The codes the calls of the software device answer with: aclError and aclnnStatus alike.
enum Status {
    static let success: Int32 = 0
    static let notComparable: Int32 = 100_000
    static let notInitialized: Int32 = 100_001
    static let alreadyInitialized: Int32 = 100_002
    static let alreadyFinalized: Int32 = 100_037
    static let invalidParameter: Int32 = 107_000
    static let unknownDevice: Int32 = 107_001
    static let noContext: Int32 = 107_002
    static let nullArgument: Int32 = 161_001
    static let invalidArgument: Int32 = 161_002
    static let featureUnsupported: Int32 = 200_006
    static let outOfDeviceMemory: Int32 = 207_001
    static let overLimit: Int32 = 300_000
    static let forkedChild: Int32 = 500_001
    static let deviceFault: Int32 = 507_015
    static let timedOut: Int32 = 507_046
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
