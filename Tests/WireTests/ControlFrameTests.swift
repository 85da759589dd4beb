import Testing
import Wire

@Suite struct ControlFrameTests {
    @Test func `a message has its length before it, lowest byte first`() {
        let framed = ControlFrame.framed([UInt8](repeating: 7, count: 0x203))
        #expect(framed.prefix(5) == [0x03, 0x02, 0, 0, 7])
        #expect(framed.count == 0x203 + ControlFrame.headBytes)
        #expect(ControlFrame.length(Array(framed.prefix(4))) == 0x203)
    }

    @Test func `an empty message is its head`() {
        #expect(ControlFrame.framed([UInt8]()) == [0, 0, 0, 0])
    }

    @Test func `the largest length is read as it is`() {
        #expect(ControlFrame.length([0xff, 0xff, 0xff, 0xff]) == 0xffff_ffff)
    }
}
