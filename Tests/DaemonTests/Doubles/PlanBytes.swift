import AscendCL
import Wire

/// Plans as libflexnpu.so encodes them, with one tensor of one dimension.
enum PlanBytes {
    /// Any operation's phase one does.
    static let function: APIFunction = {
        let name = "aclnnInplaceZeroGetWorkspaceSize"
        guard let function = APITable.standard.functions.first(where: { $0.name == name }) else {
            preconditionFailure("the table has no \(name)")
        }
        return function
    }()

    /// That many floats side by side. Its values are two words: address and view offset.
    static func line(_ elements: Int) -> [UInt8] { line(shape: Int64(elements), stride: 1) }

    static func line(shape: Int64, stride: Int64) -> [UInt8] {
        let oneDimension: UInt64 = 1 << 16 | 1 << 24
        let format: UInt64 = 2 << 48
        let words: [UInt64] = [
            UInt64(UInt8(ascii: "T")) | oneDimension | format, 0,
            UInt64(bitPattern: shape), UInt64(bitPattern: stride), 0, UInt64(bitPattern: shape),
        ]
        return words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) } }
    }
}
