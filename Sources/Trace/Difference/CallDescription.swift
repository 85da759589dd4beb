import AscendCL
import Wire

/// What a call says, argument by argument, as people read it. Handles and addresses are left out.
struct CallDescription {
    struct Argument: Equatable {
        var name: String
        var text: String
        /// The extents of a tensor, where it is one.
        var shape: [Int64]?
    }

    let function: String
    let arguments: [Argument]

    init(_ sample: CallSample, plan: FunctionPlan) {
        function = plan.name
        var found: [Argument] = []
        if sample.call.signature != 0 {
            found = Self.signature(sample, plan)
            let form = SignatureForm(sample.encoded)
            let aliases = Self.aliases(form.addresses(in: sample.call.values))
            if !aliases.isEmpty { found.append(Argument(name: "same memory", text: aliases)) }
        }
        for (index, word) in sample.call.words.enumerated() where index < plan.roles.count {
            guard let parameter = plan.function?.parameters[index] else { continue }
            switch plan.roles[index] {
            case .value, .span:
                let text = WordText.describe(
                    word, parameter.kind, parameter.type, in: sample.call.bytes)
                found.append(Argument(name: parameter.name, text: text))
            case .handle, .address:
                found.append(Argument(name: parameter.name, text: word == 0 ? "null" : "set"))
            case .newHandle, .newAddress, .answer: break
            }
        }
        if plan.isStatus, sample.call.result != 0 {
            found.append(Argument(name: "result", text: "\(sample.call.result)"))
        }
        arguments = found
    }

    /// Without the arguments that only say that something was given.
    var text: String {
        let shown = arguments.filter { $0.text != "set" && $0.text != "null" }
        return function + "(" + shown.map { "\($0.name)=\($0.text)" }.joined(separator: ", ") + ")"
    }

    private static func signature(_ sample: CallSample, _ plan: FunctionPlan) -> [Argument] {
        guard let known = try? SignatureDecoder.decode(sample.encoded) else {
            return [Argument(name: "arguments", text: "unreadable")]
        }
        let signature = (try? known.completed(by: sample.call.values.span)) ?? known
        return signature.items.enumerated().map { index, item in
            let names = plan.signatureParameters
            var argument = Argument(
                name: index < names.count ? names[index].name : "argument\(index)",
                text: SignatureText.describe(item))
            if case .tensor(let tensor?) = item { argument.shape = tensor.shape }
            return argument
        }
    }

    /// Which tensors share an address: `0=2` says that the first and the third do.
    private static func aliases(_ addresses: [UInt64]) -> String {
        var found: [String] = []
        for (index, address) in addresses.enumerated().prefix(12) {
            if let first = addresses[..<index].firstIndex(of: address) {
                found.append("\(first)=\(index)")
            }
        }
        return found.joined(separator: " ")
    }
}

/// What changed between two calls of one function.
struct ArgumentChange: Equatable, Hashable {
    var name: String
    var before: String
    var after: String
    /// Pairs of extents that differ, where only the shape of a tensor changed.
    var extents: [ExtentChange]

    struct ExtentChange: Hashable {
        var before: Int64
        var after: Int64
    }

    static func between(_ a: CallDescription, _ b: CallDescription) -> [ArgumentChange] {
        var changes: [ArgumentChange] = []
        for index in 0..<max(a.arguments.count, b.arguments.count) {
            let mine = index < a.arguments.count ? a.arguments[index] : nil
            let its = index < b.arguments.count ? b.arguments[index] : nil
            guard mine?.text != its?.text || mine?.name != its?.name else { continue }
            changes.append(
                ArgumentChange(
                    name: mine?.name ?? its?.name ?? "", before: mine?.text ?? "nothing",
                    after: its?.text ?? "nothing", extents: extents(mine?.shape, its?.shape)))
        }
        return changes
    }

    private static func extents(_ a: [Int64]?, _ b: [Int64]?) -> [ExtentChange] {
        guard let a, let b, a.count == b.count else { return [] }
        return zip(a, b).filter { $0 != $1 }.map { ExtentChange(before: $0, after: $1) }
    }
}
