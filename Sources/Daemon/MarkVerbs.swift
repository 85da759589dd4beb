import CWire
import SharedRing
import Wire

/// Marks: what a program says about itself through mstx.
extension DispatchLoop {
    func mark(_ record: borrowing RecordView, _ verb: Int32, of ring: SessionRing) {
        let labels = DispatchLabels.parse(record.bytes(count: record.byteCount))
        let phase = labels["phase"].flatMap(Phase.init(named:))
        switch verb {
        case Int32(FX_VERB_RANGE_BEGIN):
            // A program that opens ranges for ever keeps the newest.
            if ring.ranges.count >= 1024 { ring.ranges.removeFirst() }
            ring.ranges.append((record.operand(0), phase))
        case Int32(FX_VERB_RANGE_END):
            let id = record.operand(0)
            if let index = ring.ranges.lastIndex(where: { $0.id == id }) {
                ring.ranges.remove(at: index)
            }
        default: if let phase { ring.markPhase = phase }
        }
    }
}

/// What marks say.
package enum DispatchLabels {
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
}
