/// What an aclnn operation does, as far as its name tells.
package enum OperationKind: UInt8, Sendable, CaseIterable {
    /// Elementwise, reductions, norms, index arithmetic: vector cores, mostly bound by memory.
    case vector = 0
    /// Matrix products and convolutions: cube cores.
    case matrix = 1
    case attention = 2
    case communication = 3

    /// Reads the operation's name, with or without `aclnn` and `GetWorkspaceSize`.
    package init(function: String) {
        let name = Self.stem(of: function)
        if name.contains("FlashAttention") || name.contains("InferAttention") {
            self = .attention
        } else if Self.isMatrix(name) {
            self = .matrix
        } else if name.hasPrefix("Hccl") || Self.collectives.contains(name) {
            self = .communication
        } else {
            self = .vector
        }
    }

    /// `Add` of `aclnnAddGetWorkspaceSize`.
    package static func stem(of function: String) -> Substring {
        var name = Substring(function)
        if name.hasPrefix("aclnn") { name = name.dropFirst(5) }
        if name.hasSuffix("GetWorkspaceSize") { name = name.dropLast(16) }
        return name
    }

    private static let collectives: Set<Substring> = [
        "AllReduce", "AllGather", "ReduceScatter", "AlltoAll", "Broadcast",
    ]

    private static let matrixNames: Set<Substring> = [
        "Mm", "Mv", "Gemm", "Addmm", "Addmv", "Addbmm", "Baddbmm", "InplaceAddmm",
        "InplaceAddbmm", "InplaceBaddbmm", "Dot", "Linear",
    ]

    private static func isMatrix(_ name: Substring) -> Bool {
        matrixNames.contains(name) || name.contains("Matmul") || name.contains("MatMul")
            || name.hasPrefix("MlaProlog") || ServingWork.isFeedForward(name)
            || name.hasPrefix("Addmm") || name.hasPrefix("Convolution")
            || name.hasPrefix("ConvTbc") || name.hasPrefix("QuantConvolution")
    }
}
