import AscendCL
import Wire

/// Plausible arguments of operations of every family, made from their class letters.
enum PlanSeeds {
    static let all: [String: [UInt8]] = {
        var seeds: [String: [UInt8]] = [:]
        for name in names {
            let phaseOne = "aclnn\(name)GetWorkspaceSize"
            guard let function = APITable.standard.function(named: phaseOne) else { continue }
            seeds["aclnn\(name)"] = seed("aclnn\(name)", function)
        }
        seeds["mask-of-the-largest-shape"] = input(
            "aclnnDropoutGenMaskV2",
            [integers([.max]), real(0.5), integer(1), integer(2), integer(0), tensor([64])])
        seeds["padding-of-the-least-number"] = input(
            "aclnnConstantPadNd",
            [tensor([4]), integers([0, .min]), Encoded.scalar(0), tensor([4])])
        seeds["list-longer-than-its-bytes"] = input("aclnnCat", [head("L", count: .max)])
        seeds["a-name-that-there-is-not"] = input("aclnnNone", [tensor([4])])
        return seeds
    }()

    /// One of each family of the software device, and of each class letter.
    private static let names = [
        "Add", "Mul", "Muls", "Gelu", "Softmax", "Matmul", "Addmm", "BatchMatMul", "Cat", "Stack",
        "ReduceSum", "Mean", "Amax", "ArgMax", "Cumsum", "LayerNorm", "RmsNorm", "Embedding",
        "Index", "IndexSelect", "GatherV2", "ScatterAdd", "Permute", "Repeat", "Slice", "Tril",
        "Arange", "InplaceFillScalar", "InplaceCopy", "Where", "Cast", "Norm", "CrossEntropyLoss",
        "FlashAttentionScore", "ForeachAddScalar", "InplaceNormal", "MseLoss", "Topk", "Sort",
        "ConstantPadNd", "DropoutGenMaskV2", "Split", "Linspace", "Eye", "RepeatInterleave",
    ]

    private static func seed(_ name: String, _ function: APIFunction) -> [UInt8] {
        input(name, function.argumentClasses.utf8.map(item))
    }

    private static func input(_ name: String, _ items: [[UInt8]]) -> [UInt8] {
        let plan = Array(items.joined())
        let values = Encoded.words([0x1010_0000, 0, 0x1010_0000, 0])
        return Array(name.utf8) + [0, UInt8(plan.count & 0xff), UInt8(plan.count >> 8)] + plan
            + values
    }

    private static func item(_ letter: UInt8) -> [UInt8] {
        switch UnicodeScalar(letter) {
        case "T": tensor([4, 4])
        case "L": head("L", count: 2) + tensor([4, 4]) + tensor([4, 4])
        case "S": Encoded.scalar(1)
        case "C": head("C", count: 1) + Encoded.scalar(1)
        case "I": integers([0, 1])
        case "B": head("B", count: 2) + [1, 0, 0, 0, 0, 0, 0, 0]
        case "G": head("G", count: 2) + Encoded.words([0x3f80_0000_3f80_0000])
        case "s": head("s", count: 4) + Array("none".utf8) + [0, 0, 0, 0]
        case "f", "d": head(Character(UnicodeScalar(letter))) + Encoded.words([0x3ff0 << 48])
        default: head(Character(UnicodeScalar(letter))) + Encoded.words([1])
        }
    }

    private static func tensor(_ shape: [Int64]) -> [UInt8] { Encoded.tensor(shape) }

    private static func integers(_ values: [Int64]) -> [UInt8] {
        head("I", count: UInt32(values.count)) + Encoded.words(values)
    }

    private static func integer(_ value: Int64) -> [UInt8] { head("i") + Encoded.words([value]) }

    private static func real(_ value: Double) -> [UInt8] {
        head("d") + Encoded.words([Int64(bitPattern: value.bitPattern)])
    }

    private static func head(_ letter: Character, count: UInt32 = 0) -> [UInt8] {
        let size = (0..<4).map { UInt8(truncatingIfNeeded: count >> ($0 * 8)) }
        return [letter.asciiValue ?? 0, 0, 0, 0, 0, 0, 0, 0] + size + [0, 0, 0, 0]
    }
}
