import CostModel
import Wire

/// What the chip is asked to do for each task.
extension StreamTask {
    /// Whether there is anything to do besides letting the chip's time pass.
    var computes: Bool {
        switch self {
        case .launch(let launch): launch.executor.computes
        case .copy, .fill: true
        case .record, .wait: false
        }
    }

    func chipWork(in memory: AddressSpace) -> ChipWork {
        switch self {
        case .launch(let launch): launch.executor.work ?? .passing
        case .copy(let copy): copy.chipWork(in: memory)
        case .fill(let fill): .deviceCopy(bytes: UInt64(fill.bytes), crossings: 1)
        case .record, .wait: .passing
        }
    }
}

extension ChipWork {
    /// Takes no time and holds nothing.
    fileprivate static let passing = ChipWork(resource: .none)
}

extension CopyTask {
    fileprivate func chipWork(in memory: AddressSpace) -> ChipWork {
        let bytes = UInt64(width) * UInt64(height)
        // A snapshot of pageable memory is the host's as well.
        let ends = unsafe (memory.place(of: destination), memory.place(of: source))
        switch ends {
        case (.device(let to), .device(let from)) where to == from:
            return .deviceCopy(bytes: bytes, crossings: 2)
        case (.device, _), (_, .device): return .hostCopy(bytes: bytes)
        default: return .passing
        }
    }
}

/// The work of operations, from their arguments.
extension Operation {
    func work(_ arguments: [Argument]) -> ChipWork {
        var tensors: [SignatureTensor] = []
        var strings: [String] = []
        var integers: [[Int64]] = []
        for argument in arguments {
            switch argument {
            case .tensor(let tensor?): tensors.append(SignatureTensor(tensor))
            case .tensorList(let list?): tensors += list.map { SignatureTensor($0) }
            case .string(let text?): strings.append(text)
            case .integers(let values?): integers.append(values)
            default: break
            }
        }
        let shape = OperationShape(
            function: name, tensors: tensors, strings: strings, integers: integers)
        return shape.chipWork()
    }
}

extension SignatureTensor {
    init(_ tensor: TensorArgument) {
        self.init(
            type: Int16(truncatingIfNeeded: tensor.type),
            format: Int16(truncatingIfNeeded: tensor.format), shape: tensor.shape.map(Int64.init),
            strides: tensor.strides.map(Int64.init), offset: Int64(tensor.offset),
            storageShape: tensor.storageShape.map(Int64.init))
    }
}
