import Daemon
import Testing

@Suite struct MarkLabelsTests {
    @Test func `marks name labels, other texts none`() {
        let labels = MarkLabels.parse(Array("flexnpu:phase=decode;request=7".utf8))
        #expect(labels == ["phase": "decode", "request": "7"])
        #expect(MarkLabels.parse(Array("hello".utf8)).isEmpty)
        #expect(MarkLabels.parse(Array("flexnpu:=;;x".utf8)).isEmpty)
    }

    @Test func `a value may hold what separates`() {
        #expect(MarkLabels.parse(Array("flexnpu:a=b=c".utf8)) == ["a": "b=c"])
    }

    @Test func `no text at all, and bytes that are no text, are no labels`() {
        #expect(MarkLabels.parse([]).isEmpty)
        #expect(MarkLabels.parse(Array("flexnpu".utf8)).isEmpty)
        #expect(MarkLabels.parse([0xff, 0xfe, 0]).isEmpty)
    }

    @Test func `of a label that is named twice the last holds`() {
        #expect(MarkLabels.parse(Array("flexnpu:a=1;a=2".utf8)) == ["a": "2"])
    }
}
