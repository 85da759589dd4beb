import Wire

/// An aclnn operation with one plan: everything about its call that the plan fixes is made once;
/// a launch completes it with its values.
///
/// Where the device library lets an executor be used again (aclSetAclOpExecutorRepeatable), those
/// of values that come again are kept, and their launches only set the tensors' addresses; all
/// others go through both phases. Used by one thread at a time.
// Safe: what the call writes to is private memory that lives as long as this object.
@safe package final class PreparedKernel {
    package typealias PhaseTwo =
        @convention(c) (DeviceHandle?, UInt64, DeviceHandle?, DeviceHandle?) -> Int32

    package let name: String
    private let calls: OperatorCalls
    private let arguments: KernelArguments
    private let phaseOne: ForeignCall
    private let phaseTwo: PhaseTwo
    private let workspaceBytesOut: UnsafeMutablePointer<UInt64>
    private let executorOut: UnsafeMutablePointer<DeviceHandle?>
    private var keptExecutors: KeptExecutors
    /// What belongs to the launch that has begun.
    private var made: [KernelArguments.Made] = []
    private var begun: DeviceHandle?
    private var isBegunKept = false

    /// Nil where the shape of the call is beyond libffi.
    init?(
        name: String, signature: Signature, phaseOne address: UnsafeMutableRawPointer,
        phaseTwo: @escaping PhaseTwo, calls: OperatorCalls
    ) {
        let letters = signature.items.map(\.letter) + Array("WE".utf8)
        guard let call = unsafe ForeignCall(function: address, letters: letters) else { return nil }
        self.name = name
        self.calls = calls
        unsafe self.phaseTwo = phaseTwo
        phaseOne = call
        unsafe workspaceBytesOut = .allocate(capacity: 1)
        unsafe workspaceBytesOut.initialize(to: 0)
        unsafe executorOut = .allocate(capacity: 1)
        unsafe executorOut.initialize(to: nil)
        arguments = KernelArguments(signature, calls: calls, call: call)
        keptExecutors = KeptExecutors(
            calls, isPossible: !arguments.hasTensorList && !arguments.tensorPlaces.isEmpty)
        unsafe call.set(letters.count - 2, to: UnsafeRawPointer(workspaceBytesOut))
        unsafe call.set(letters.count - 1, to: UnsafeRawPointer(executorOut))
    }

    deinit {
        keptExecutors.removeAll()
        unsafe workspaceBytesOut.deallocate()
        unsafe executorOut.deallocate()
    }

    /// How many words a launch takes.
    package var valueCount: Int { arguments.valueCount }
    /// Executors kept now.
    var keptCount: Int { keptExecutors.count }
    /// Launches that used a kept executor since this was last asked.
    func takeHit() -> Bool { keptExecutors.takeHit() }

    /// Phase one alone: whether the device library accepts the arguments. Returns its status.
    package func check(_ values: UnsafeBufferPointer<UInt64>) throws(DeviceError) -> Int32 {
        try unsafe requireCount(values)
        defer { destroyMade() }
        try unsafe arguments.complete(with: values, &made)
        let status = callPhaseOne()
        if status == 0, let unused = unsafe executorOut.pointee {
            _ = unsafe calls.destroyExecutor?(unused)
        }
        return status
    }

    /// The first half of a launch: an executor with these values, under these conditions. Returns phase
    /// one's status; 0 is followed by `finishLaunch`.
    func beginLaunch(
        _ values: UnsafeBufferPointer<UInt64>, conditions: LaunchConditions
    )
        throws(DeviceError) -> Int32
    {
        try unsafe requireCount(values)
        let key = unsafe KeptExecutors.Key(values, arguments, conditions)
        if let kept = keptExecutors.find(key) {
            unsafe (begun, isBegunKept) = (kept.executor, true)
            unsafe workspaceBytesOut.pointee = kept.workspaceBytes
            return 0
        }
        do throws(DeviceError) {
            try unsafe arguments.complete(with: values, &made)
        } catch {
            destroyMade()
            throw error
        }
        let status = callPhaseOne()
        guard status == 0 else {
            destroyMade()
            return status
        }
        unsafe begun = executorOut.pointee
        isBegunKept = unsafe keptExecutors.keep(
            begun, key, made: made, workspaceBytes: workspaceBytesOut.pointee)
        if isBegunKept { made.removeAll(keepingCapacity: true) }
        return 0
    }

    /// Device memory that phase two needs, after `beginLaunch`.
    var workspaceBytes: UInt64 { unsafe workspaceBytesOut.pointee }

    /// The second half: phase two on `stream`. Returns its status.
    func finishLaunch(workspace: DeviceHandle?, stream: DeviceHandle) -> Int32 {
        defer { destroyMade() }
        let executor = unsafe begun
        unsafe begun = nil
        return unsafe phaseTwo(workspace, workspaceBytesOut.pointee, executor, stream)
    }

    /// Instead of `finishLaunch`, where there will be none.
    func cancelLaunch() {
        if !isBegunKept, let begun = unsafe begun { _ = unsafe calls.destroyExecutor?(begun) }
        unsafe begun = nil
        destroyMade()
    }

    private func callPhaseOne() -> Int32 {
        unsafe executorOut.pointee = nil
        unsafe workspaceBytesOut.pointee = 0
        return unsafe phaseOne.call()
    }

    private func requireCount(_ values: UnsafeBufferPointer<UInt64>) throws(DeviceError) {
        guard values.count == arguments.valueCount else {
            throw DeviceError(
                code: 161_002,
                message:
                    "\(name): \(values.count) values where its plan has \(arguments.valueCount)")
        }
    }

    private func destroyMade() {
        for one in made { _ = unsafe one.destroy(one.object) }
        made.removeAll(keepingCapacity: true)
    }
}

extension SignatureItem {
    /// The argument's class letter.
    var letter: UInt8 {
        switch self {
        case .tensor: ArgumentClass.tensor.rawValue
        case .tensorList: ArgumentClass.tensorList.rawValue
        case .scalar: ArgumentClass.scalar.rawValue
        case .scalarList: ArgumentClass.scalarList.rawValue
        case .integers: ArgumentClass.integers.rawValue
        case .booleans: ArgumentClass.booleans.rawValue
        case .reals: ArgumentClass.reals.rawValue
        case .string: ArgumentClass.string.rawValue
        case .integer(_, let letter), .real(_, let letter): letter
        }
    }
}
