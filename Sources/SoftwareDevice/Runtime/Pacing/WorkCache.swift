import CostModel

/// The work of operations by what it is read from, since a program prepares few different ones many
/// times and reading an operation's name takes longer than all else in phase one.
final class WorkCache: @unchecked Sendable {  // `lock` guards every member
    private struct Key: Hashable {
        let operation: String
        /// Types, shapes and lists, one after the other, each with its length.
        let numbers: [Int64]
        let strings: [String]
    }
    private let lock = Lock()
    private var works: [Key: ChipWork] = [:]
    /// When full, it is emptied: lists of growing lengths are never asked for again.
    private static let countMax = 4096

    /// The work of an operation with these arguments, without limits.
    func work(of operation: Operation, _ arguments: [Argument]) -> ChipWork {
        let key = Self.key(operation, arguments)
        if let known = lock.withLock({ works[key] }) { return known }
        let work = operation.work(arguments)
        lock.withLock {
            if works.count >= Self.countMax { works.removeAll() }
            works[key] = work
        }
        return work
    }

    private static func key(_ operation: Operation, _ arguments: [Argument]) -> Key {
        var numbers: [Int64] = []
        numbers.reserveCapacity(32)
        var strings: [String] = []
        for argument in arguments {
            switch argument {
            case .tensor(let tensor?): append(tensor, to: &numbers)
            case .tensorList(let list?): for tensor in list { append(tensor, to: &numbers) }
            case .integers(let values?):
                numbers.append(Int64(values.count))
                numbers.append(contentsOf: values)
            case .string(let text?): strings.append(text)
            // A separator, where a tensor or a list could be.
            default: numbers.append(-1)
            }
        }
        return Key(operation: operation.name, numbers: numbers, strings: strings)
    }

    private static func append(_ tensor: TensorArgument, to numbers: inout [Int64]) {
        numbers.append(Int64(tensor.type) << 8 | Int64(tensor.shape.count))
        for size in tensor.shape { numbers.append(Int64(size)) }
    }
}
