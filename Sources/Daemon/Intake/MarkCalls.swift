import SharedRing
import Wire

/// Marks: what a program says about itself through mstx.
extension DispatchCore {
    func mark(_ operands: MarkOperands, _ call: borrowing CallContext) {
        call.ring.thread.markPoint(phase(in: call))
    }

    func rangeBegin(_ operands: RangeBeginOperands, _ call: borrowing CallContext) {
        call.ring.thread.beginRange(operands.range, phase(in: call))
    }

    func rangeEnd(_ operands: RangeEndOperands, _ call: borrowing CallContext) {
        call.ring.thread.endRange(operands.range)
    }

    private func phase(in call: borrowing CallContext) -> Phase? {
        MarkLabels.phase(in: call.record.bytes(count: min(call.record.byteCount, Self.labelBytes)))
    }

    /// What is looked at of a mark's text: marks may be as long as a record, and passes are not.
    private static let labelBytes = 1024
}

/// What marks say.
package enum MarkLabels {
    /// `flexnpu:key=value;key=value` as a dictionary; nothing for any other text.
    package static func parse(_ text: [UInt8]) -> [String: String] {
        let prefix = Array("flexnpu:".utf8)
        guard text.starts(with: prefix) else { return [:] }
        var labels: [String: String] = [:]
        for pair in text.dropFirst(prefix.count).split(separator: UInt8(ascii: ";")) {
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1)
            guard parts.count == 2 else { continue }
            labels[String(decoding: parts[0], as: UTF8.self)] = String(
                decoding: parts[1], as: UTF8.self)
        }
        return labels
    }

    static func phase(in text: [UInt8]) -> Phase? {
        parse(text)["phase"].flatMap(Phase.init(named:))
    }
}
