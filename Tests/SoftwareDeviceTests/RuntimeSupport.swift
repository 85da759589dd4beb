import Glibc
import SoftwareDevice

/// What a call answers, as the tests name it.
enum Code {
    static let invalid: Int32 = 107_000
    static let noContext: Int32 = 107_002
    static let aclnnInvalid: Int32 = 161_002
    static let fault: Int32 = 507_015
}

typealias Handle = UnsafeMutableRawPointer

/// A handle that a call gives out by its last argument.
func made(_ make: (UnsafeMutablePointer<Handle?>) -> Int32) -> Handle? {
    var handle: Handle?
    return make(&handle) == 0 ? handle : nil
}

/// Floats on the device, with the tensor that describes them.
struct DeviceVector {
    let address: Handle?
    let tensor: Handle?
    let count: Int

    init(_ values: [Float]) {
        count = values.count
        let bytes = values.count * 4
        address = made { aclrtMalloc($0, bytes, 0) }
        _ = aclrtMemcpy(address, bytes, values, bytes, 1)
        var (size, stride) = (Int64(values.count), Int64(1))
        tensor = aclCreateTensor(&size, 1, 0, &stride, 0, 2, &size, 1, address)
    }

    init(repeating value: Float, count: Int) {
        self.init([Float](repeating: value, count: count))
    }

    var values: [Float] {
        var read = [Float](repeating: .nan, count: count)
        _ = aclrtMemcpy(&read, count * 4, address, count * 4, 2)
        return read
    }

    func drop() {
        _ = aclDestroyTensor(tensor)
        _ = aclrtFree(address)
    }
}

/// An executor that adds `amount` to all elements.
func addition(to vector: DeviceVector, of amount: Float) -> Handle? {
    var (amount, one) = (amount, Int64(1))
    let addend = aclCreateScalar(&amount, 0)
    let alpha = aclCreateScalar(&one, 9)
    defer {
        _ = aclDestroyScalar(addend)
        _ = aclDestroyScalar(alpha)
    }
    var workspaceBytes: UInt64 = 0
    return made {
        aclnnAddsGetWorkspaceSize(
            vector.tensor, addend, alpha, vector.tensor, &workspaceBytes, $0)
    }
}

/// SplitMix64: the tests' random numbers, the same in every run.
struct RepeatableGenerator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
