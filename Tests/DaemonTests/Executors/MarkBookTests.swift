import Daemon
import Testing

/// An executor's number of a mark comes again only when the scheduler has forgotten the mark and the
/// device has passed it.
@Suite struct MarkBookTests {
    @Test func `a number comes again when it is forgotten first and reached then`() {
        var marks = MarkBook()
        let number = marks.open(7)
        #expect(marks.number(of: 7) == number)
        #expect(marks.forget(7) == number)
        #expect(marks.number(of: 7) == nil)
        let other = marks.open(8)
        #expect(other != number)
        marks.noteReached(number)
        #expect(marks.open(9) == number)
    }

    @Test func `a number comes again when it is reached first and forgotten then`() {
        var marks = MarkBook()
        let number = marks.open(7)
        marks.noteReached(number)
        #expect(marks.number(of: 7) == number)
        let other = marks.open(8)
        #expect(other != number)
        #expect(marks.forget(7) == number)
        #expect(marks.open(9) == number)
    }

    @Test func `the scheduler's mark may come again while its old number is out`() {
        var marks = MarkBook()
        let first = marks.open(0)
        _ = marks.forget(0)
        let second = marks.open(0)
        #expect(first != second)
        #expect(marks.number(of: 0) == second)
        marks.noteReached(first)
        #expect(marks.number(of: 0) == second)
    }

    @Test func `a mark that nobody opened is not forgotten`() {
        var marks = MarkBook()
        #expect(marks.forget(3) == nil)
        #expect(marks.number(of: 3) == nil)
    }

    @Test func `a million marks one after another take one number`() {
        var marks = MarkBook()
        for mark in 0..<1_000_000 as Range<UInt32> {
            let number = marks.open(mark % 3)
            #expect(number == 0)
            if mark % 2 == 0 { marks.noteReached(number) }
            _ = marks.forget(mark % 3)
            if mark % 2 == 1 { marks.noteReached(number) }
        }
    }
}
