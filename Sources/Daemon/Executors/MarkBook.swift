import Scheduling
import Wire

/// The numbers by which executors know marks.
///
/// The scheduler is done with a mark when its record is complete; a device may tell of it later. An
/// executor's number comes again when both have happened.
package struct MarkBook {
    package init() {}

    private enum Ending: UInt8 {
        case forgotten, reached
    }
    private var numbers = NumberPool()
    /// The executor's number of each mark that the scheduler knows.
    private var current: [UInt32: UInt32] = [:]
    /// What has happened of the two, where one has.
    private var endings: [UInt32: Ending] = [:]

    /// A number for a mark that is put on a device.
    package mutating func open(_ mark: UInt32) -> UInt32 {
        let number = numbers.takeNumber()
        current[mark] = number
        return number
    }

    /// The number of a mark that is on a device.
    package func number(of mark: UInt32) -> UInt32? { current[mark] }

    /// The scheduler is done with the mark. Returns its number.
    package mutating func forget(_ mark: UInt32) -> UInt32? {
        guard let number = current.removeValue(forKey: mark) else { return nil }
        end(number, .forgotten)
        return number
    }

    /// The device has passed the mark, or never will.
    package mutating func noteReached(_ number: UInt32) { end(number, .reached) }

    private mutating func end(_ number: UInt32, _ ending: Ending) {
        guard let other = endings.removeValue(forKey: number) else {
            endings[number] = ending
            return
        }
        if other == ending { endings[number] = ending } else { numbers.giveBack(number) }
    }
}
