import AscendCL
import CostModel
import Device
import Wire

/// One signature of one client: an aclnn operation with everything but its tensors' addresses.
final class SignatureEntry {
    let id: UInt32
    /// Phase one's function; phase two's is what records and traces name.
    let phaseOne: APIFunction
    let encoded: [UInt8]
    let tensors: [SignatureTensor]
    /// What each tensor touches from its address, in bytes; nil where it touches nothing.
    let extents: [(first: Int64, end: Int64)?]
    /// Index in the cost book, for predictions corrected by what was observed.
    let costIndex: Int
    let shape: OperationShape
    private let signature: Signature
    /// By device: an executor belongs to the device it was made on.
    private var kernels: [PreparedKernel?] = []

    init(
        id: UInt32, phaseOne: APIFunction, encoded: [UInt8], signature: Signature,
        shape: OperationShape, costIndex: Int
    ) {
        self.id = id
        self.phaseOne = phaseOne
        self.encoded = encoded
        self.signature = signature
        self.shape = shape
        self.costIndex = costIndex
        tensors = signature.tensors
        extents = tensors.map(\.touchedBytes)
    }

    /// The prepared call on `device`, made on first use.
    func kernel(on device: Int32, from library: OperatorLibrary) throws(DeviceError)
        -> PreparedKernel
    {
        let index = Int(device)
        while kernels.count <= index { kernels.append(nil) }
        if let kernel = kernels[index] { return kernel }
        let kernel = try library.prepare(phaseOne, signature: signature)
        kernels[index] = kernel
        return kernel
    }
}

/// What makes two signatures of a client the same.
struct SignatureKey: Hashable {
    var function: FunctionID
    var encoded: [UInt8]
}
