import Glibc
import SoftwareDevice
import Testing

@Suite struct `Argument objects` {
    init() { _ = aclrtSetDevice(0) }

    @Test func `A tensor gives back what it was made of`() {
        let (shape, strides, storage): ([Int64], [Int64], [Int64]) = ([2, 3], [3, 1], [10])
        let address = Handle(bitPattern: 0x5000)
        let tensor = aclCreateTensor(shape, 2, 27, strides, 4, 2, storage, 1, address)
        var (offset, type, format, read) = (Int64(0), Int32(0), Int32(0), Handle?.none)
        #expect(aclGetViewOffset(tensor, &offset) == 0 && offset == 4)
        #expect(aclGetDataType(tensor, &type) == 0 && type == 27)
        #expect(aclGetFormat(tensor, &format) == 0 && format == 2)
        #expect(aclGetRawTensorAddr(tensor, &read) == 0 && read == address)
        #expect(array(of: tensor, aclGetViewShape) == shape)
        #expect(array(of: tensor, aclGetViewStrides) == strides)
        #expect(array(of: tensor, aclGetStorageShape) == storage)
        #expect(aclDestroyTensor(tensor) == 0)
        #expect(aclDestroyTensor(tensor) == Code.aclnnInvalid)
        #expect(aclGetViewOffset(tensor, &offset) == Code.aclnnInvalid)
    }

    private func array(
        of tensor: Handle?,
        _ get: (
            UnsafeRawPointer?, UnsafeMutablePointer<UnsafeMutablePointer<Int64>?>?,
            UnsafeMutablePointer<UInt64>?
        ) -> Int32
    ) -> [Int64] {
        var (values, count) = (UnsafeMutablePointer<Int64>?.none, UInt64(0))
        guard get(tensor, &values, &count) == 0 else { return [] }
        defer { free(values) }
        return Array(UnsafeBufferPointer(start: values, count: Int(count)))
    }

    @Test func `A list owns its elements`() {
        var size: Int64 = 4
        let tensors: [UnsafeRawPointer?] = (0..<3).map { _ in
            UnsafeRawPointer(aclCreateTensor(&size, 1, 0, nil, 0, 2, &size, 1, nil))
        }
        let list = aclCreateTensorList(tensors, 3)
        var count: UInt64 = 0
        #expect(aclGetTensorListSize(list, &count) == 0 && count == 3)
        #expect(aclDestroyTensorList(list) == 0)
        #expect(aclDestroyTensor(tensors[1]) == Code.aclnnInvalid)
    }

    @Test func `One kind of handle is not another`() {
        var one: Int64 = 1
        let scalar = aclCreateScalar(&one, 9)
        let array = aclCreateIntArray(&one, 1)
        #expect(aclDestroyTensor(scalar) == Code.aclnnInvalid)
        #expect(aclDestroyScalar(array) == Code.aclnnInvalid)
        #expect(aclDestroyIntArray(array) == 0)
        #expect(aclDestroyScalar(scalar) == 0)
        #expect(aclDestroyScalar(nil) == 0)
    }

    @Test func `Tensors beyond any memory are refused`() {
        var (huge, negative): (Int64, Int64) = (.max / 2, -3)
        #expect(aclCreateTensor(&huge, 1, 0, nil, 0, 2, &huge, 1, nil) == nil)
        #expect(aclCreateTensor(&negative, 1, 0, nil, 0, 2, &negative, 1, nil) == nil)
        #expect(aclCreateTensor(nil, 3, 0, nil, 0, 2, nil, 0, nil) == nil)
        #expect(aclGetRecentErrMsg() != nil)
    }

    @Test func `Half precision by value`() {
        for value: Float in [0, 1, -2.5, 65504, 6.1e-5, 6e-8] {
            let back = aclFloat16ToFloat(aclFloatToFloat16(value))
            #expect(abs(back - value) <= abs(value) / 1024 + 3e-8)
        }
        #expect(aclFloatToFloat16(1) == 0x3C00 && aclFloatToFloat16(1e6) == 0x7C00)
    }

    @Test func `A thread's errors are its own, and read once`() {
        while aclGetRecentErrMsg() != nil {}
        #expect(aclrtGetLastError(0) >= 0)
        #expect(aclrtFree(nil) == Code.invalid)
        #expect(aclrtPeekAtLastError(0) == Code.invalid)
        #expect(aclrtGetLastError(0) == Code.invalid)
        #expect(aclrtGetLastError(0) == 0)
        #expect(aclGetRecentErrMsg() != nil)
        #expect(aclGetRecentErrMsg() == nil)
    }
}
