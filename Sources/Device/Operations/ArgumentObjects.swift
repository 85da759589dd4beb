import Wire

/// The objects of the device library behind one argument list, made from a signature.
///
/// Lists own what they hold (destroying the list destroys its elements), as AscendCL has it.
struct ArgumentObjects {
    private let calls: OperatorCalls

    init(_ calls: OperatorCalls) { self.calls = calls }

    func tensor(_ tensor: SignatureTensor, at address: UInt64, offset: Int64) -> DeviceHandle? {
        unsafe tensor.shape.withUnsafeBufferPointer { shape in
            unsafe tensor.strides.withUnsafeBufferPointer { strides in
                unsafe tensor.storageShape.withUnsafeBufferPointer { storage in
                    unsafe calls.createTensor(
                        shape.baseAddress, UInt64(shape.count), Int32(tensor.type),
                        strides.baseAddress, offset, Int32(tensor.format),
                        storage.baseAddress, UInt64(storage.count),
                        DeviceHandle(bitPattern: UInt(address)))
                }
            }
        }
    }

    func scalar(_ scalar: SignatureScalar) -> DeviceHandle? {
        unsafe withUnsafeBytes(of: (scalar.low, scalar.high)) {
            unsafe calls.createScalar($0.baseAddress, Int32(scalar.type))
        }
    }

    func list(ofTensors tensors: [DeviceHandle?]) -> DeviceHandle? {
        unsafe tensors.withUnsafeBufferPointer {
            unsafe calls.createTensorList($0.baseAddress, UInt64($0.count))
        }
    }

    func list(ofScalars scalars: [DeviceHandle?]) -> DeviceHandle? {
        unsafe scalars.withUnsafeBufferPointer {
            unsafe calls.createScalarList($0.baseAddress, UInt64($0.count))
        }
    }

    func integers(_ values: [Int64]) -> DeviceHandle? {
        unsafe values.withUnsafeBufferPointer {
            unsafe calls.createIntegers($0.baseAddress, UInt64($0.count))
        }
    }

    func reals(_ values: [Float]) -> DeviceHandle? {
        unsafe values.withUnsafeBufferPointer {
            unsafe calls.createReals($0.baseAddress, UInt64($0.count))
        }
    }

    func booleans(_ values: [Bool]) -> DeviceHandle? {
        unsafe values.withUnsafeBufferPointer {
            unsafe calls.createBooleans($0.baseAddress, UInt64($0.count))
        }
    }
}
