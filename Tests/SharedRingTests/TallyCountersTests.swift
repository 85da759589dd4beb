import CWire
import Foundation
import Glibc
import SharedRing
import Testing

@Suite struct TallyCountersTests {
    @Test func `another mapping counts, and its counters are read`() throws {
        let counters = try TallyCounters(processID: getpid())
        #expect(counters.refused(5) == 0)
        let file = try FileHandle(forUpdating: URL(filePath: counters.path))
        let head = try #require(try file.read(upToCount: 16))
        #expect(head.prefix(4).elementsEqual("FXW1".utf8))
        func write(_ count: UInt32, at place: UInt64) throws {
            try file.seek(toOffset: place)
            try file.write(contentsOf: withUnsafeBytes(of: count.littleEndian) { Data($0) })
        }
        try write(3, at: 16 + 4 * 5)
        try write(4, at: 16 + 4 * UInt64(FX_FUNCTION_LIMIT) + 4 * 6)
        #expect(counters.refused(5) == 3)
        #expect(counters.sought(6) == 4)
        #expect(counters.refused(6) == 0)
        #expect(counters.sought(Int(FX_FUNCTION_LIMIT)) == 0)
    }

    @Test func `nobody can cut the counters off`() throws {
        let counters = try TallyCounters(processID: getpid())
        #expect(truncate(counters.path, 100) != 0)
    }
}
