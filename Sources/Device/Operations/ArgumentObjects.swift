import Wire

/// The objects of the device library behind one argument list, made from a signature.
///
/// Lists own what they hold (destroying the list destroys its elements), as AscendCL has it.
struct ArgumentObjects {
    private let calls: OperatorCalls

    init(_ calls: OperatorCalls) { self.calls = calls }

    func tensor(_ tensor: SignatureTensor, at address: UInt64, offset: Int64) -> DeviceHandle? {
        tensor.shape.withUnsafeBufferPointer { shape in
            tensor.strides.withUnsafeBufferPointer { strides in
                tensor.storageShape.withUnsafeBufferPointer { storage in
                    calls.createTensor(
                        shape.baseAddress, UInt64(shape.count), Int32(tensor.type),
                        strides.baseAddress, offset, Int32(tensor.format),
                        storage.baseAddress, UInt64(storage.count),
                        DeviceHandle(bitPattern: UInt(address)))
                }
            }
        }
    }

    func scalar(_ scalar: SignatureScalar) -> DeviceHandle? {
        withUnsafeBytes(of: (scalar.low, scalar.high)) {
            calls.createScalar($0.baseAddress, Int32(scalar.type))
        }
    }

    func list(ofTensors tensors: [DeviceHandle?]) -> DeviceHandle? {
        tensors.withUnsafeBufferPointer {
            calls.createTensorList($0.baseAddress, UInt64($0.count))
        }
    }

    func list(ofScalars scalars: [DeviceHandle?]) -> DeviceHandle? {
        scalars.withUnsafeBufferPointer {
            calls.createScalarList($0.baseAddress, UInt64($0.count))
        }
    }

    func integers(_ values: [Int64]) -> DeviceHandle? {
        values.withUnsafeBufferPointer { calls.createIntegers($0.baseAddress, UInt64($0.count)) }
    }

    func reals(_ values: [Float]) -> DeviceHandle? {
        values.withUnsafeBufferPointer { calls.createReals($0.baseAddress, UInt64($0.count)) }
    }

    func booleans(_ values: [Bool]) -> DeviceHandle? {
        values.withUnsafeBufferPointer { calls.createBooleans($0.baseAddress, UInt64($0.count)) }
    }
}
