/// The allocations of a program that are alive, by address.
struct LiveAllocations {
    private var starts: [UInt64] = []
    private var ends: [UInt64] = []
    private var numbers: [UInt32] = []
    private var last = 0
    private(set) var count: UInt32 = 0

    /// Adds an allocation, in place of what was there.
    mutating func insert(_ start: UInt64, bytes: UInt64) -> UInt32 {
        remove(start)
        let position = firstIndex(after: start)
        starts.insert(start, at: position)
        ends.insert(start &+ max(1, bytes), at: position)
        numbers.insert(count, at: position)
        count += 1
        return count - 1
    }

    mutating func remove(_ start: UInt64) {
        let position = firstIndex(after: start) - 1
        guard position >= 0, starts[position] == start else { return }
        starts.remove(at: position)
        ends.remove(at: position)
        numbers.remove(at: position)
    }

    /// The allocation that an address lies in, and how far.
    mutating func find(_ address: UInt64) -> (number: UInt32, offset: UInt64)? {
        if last < starts.count, starts[last] <= address, address < ends[last] {
            return (numbers[last], address - starts[last])
        }
        let position = firstIndex(after: address) - 1
        guard position >= 0, address < ends[position] else { return nil }
        last = position
        return (numbers[position], address - starts[position])
    }

    private func firstIndex(after address: UInt64) -> Int {
        var low = 0
        var high = starts.count
        while low < high {
            let middle = (low + high) / 2
            if starts[middle] <= address { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
