/// Finds what two sequences have in common: the longest common subsequence, by Myers' search from
/// both ends in linear space.
///
/// Where the sequences differ so much that the search would take too long, a point that was
/// reached furthest is taken as common path, so the answer is then a common subsequence but
/// perhaps not the longest.
package struct SequenceDiff {
    private let a: [UInt32]
    private let b: [UInt32]
    private var forward: [Int]
    private var backward: [Int]
    private let origin: Int
    /// For each element of `a` its partner in `b`, or −1.
    private(set) var partners: [Int32]

    /// Edits from either end after which a search settles for what it has.
    private static let costLimit = 3000
    /// The same in elements that were compared.
    private static let workLimit = 200_000_000

    /// The partner in `b` of each element of `a`, or −1.
    package static func partners(_ a: [UInt32], _ b: [UInt32]) -> [Int32] {
        var diff = SequenceDiff(a, b)
        diff.run()
        return diff.partners
    }

    private init(_ a: [UInt32], _ b: [UInt32]) {
        self.a = a
        self.b = b
        partners = [Int32](repeating: -1, count: a.count)
        origin = b.count + 1
        forward = []
        backward = []
    }

    /// A part of both sequences.
    private struct Box {
        var left: Int
        var right: Int
        var top: Int
        var bottom: Int
    }

    private mutating func run() {
        var boxes = [Box(left: 0, right: a.count, top: 0, bottom: b.count)]
        while var box = boxes.popLast() {
            trim(&box)
            guard box.left < box.right, box.top < box.bottom else { continue }
            if forward.isEmpty {
                forward = [Int](repeating: 0, count: a.count + b.count + 3)
                backward = forward
            }
            let (x, y) = split(box)
            boxes.append(Box(left: x, right: box.right, top: y, bottom: box.bottom))
            boxes.append(Box(left: box.left, right: x, top: box.top, bottom: y))
        }
    }

    /// Pairs what is equal at both ends.
    private mutating func trim(_ box: inout Box) {
        while box.left < box.right, box.top < box.bottom, a[box.left] == b[box.top] {
            partners[box.left] = Int32(box.top)
            box.left += 1
            box.top += 1
        }
        while box.left < box.right, box.top < box.bottom, a[box.right - 1] == b[box.bottom - 1] {
            partners[box.right - 1] = Int32(box.bottom - 1)
            box.right -= 1
            box.bottom -= 1
        }
    }

    /// The diagonals (x − y) that a search has reached, from one end.
    private struct Reach {
        var low: Int
        var high: Int

        /// Widens by one on each side, or narrows where the box ends, and marks what lies outside
        /// as not reached.
        mutating func widen(
            within least: Int, _ most: Int, _ marks: inout [Int], _ origin: Int, _ mark: Int
        ) {
            if low > least {
                low -= 1
                marks[origin + low - 1] = mark
            } else {
                low += 1
            }
            if high < most {
                high += 1
                marks[origin + high + 1] = mark
            } else {
                high -= 1
            }
        }
    }

    /// A point that a shortest path through the box goes through.
    private mutating func split(_ box: Box) -> (Int, Int) {
        let least = box.left - box.bottom
        let most = box.right - box.top
        var ahead = Reach(low: box.left - box.top, high: box.left - box.top)
        var behind = Reach(low: box.right - box.bottom, high: box.right - box.bottom)
        let isOdd = (ahead.low - behind.low) & 1 != 0
        forward[origin + ahead.low] = box.left
        backward[origin + behind.low] = box.right
        var cost = 0
        var work = 0
        while true {
            cost += 1
            ahead.widen(within: least, most, &forward, origin, -1)
            for diagonal in stride(from: ahead.high, through: ahead.low, by: -2) {
                let x = advance(diagonal, box, &work)
                if isOdd, behind.low <= diagonal, diagonal <= behind.high,
                    backward[origin + diagonal] <= x
                {
                    return (x, x - diagonal)
                }
            }
            behind.widen(within: least, most, &backward, origin, .max)
            for diagonal in stride(from: behind.high, through: behind.low, by: -2) {
                let x = retreat(diagonal, box, &work)
                if !isOdd, ahead.low <= diagonal, diagonal <= ahead.high,
                    x <= forward[origin + diagonal]
                {
                    return (x, x - diagonal)
                }
            }
            if cost >= Self.costLimit || work > Self.workLimit {
                return furthest(box, ahead, behind)
            }
        }
    }

    private mutating func advance(_ diagonal: Int, _ box: Box, _ work: inout Int) -> Int {
        let below = forward[origin + diagonal - 1]
        let above = forward[origin + diagonal + 1]
        let start = below < above ? above : below + 1
        var x = start
        var y = x - diagonal
        while x < box.right, y < box.bottom, a[x] == b[y] {
            x += 1
            y += 1
        }
        work += x - start
        forward[origin + diagonal] = x
        return x
    }

    private mutating func retreat(_ diagonal: Int, _ box: Box, _ work: inout Int) -> Int {
        let below = backward[origin + diagonal - 1]
        let above = backward[origin + diagonal + 1]
        let start = below < above ? below : above - 1
        var x = start
        var y = x - diagonal
        while box.left < x, box.top < y, a[x - 1] == b[y - 1] {
            x -= 1
            y -= 1
        }
        work += start - x
        backward[origin + diagonal] = x
        return x
    }

    /// The point that either search got furthest to.
    private func furthest(_ box: Box, _ ahead: Reach, _ behind: Reach) -> (Int, Int) {
        var best = (x: box.left, y: box.top)
        for diagonal in stride(from: ahead.high, through: ahead.low, by: -2) {
            var x = min(forward[origin + diagonal], box.right)
            if x - diagonal > box.bottom { x = box.bottom + diagonal }
            if x + x - diagonal > best.x + best.y { best = (x, x - diagonal) }
        }
        var least = (x: box.right, y: box.bottom)
        for diagonal in stride(from: behind.high, through: behind.low, by: -2) {
            var x = max(backward[origin + diagonal], box.left)
            if x - diagonal < box.top { x = box.top + diagonal }
            if x + x - diagonal < least.x + least.y { least = (x, x - diagonal) }
        }
        let gained = best.x + best.y - box.left - box.top
        let gainedBehind = box.right + box.bottom - least.x - least.y
        return gained >= gainedBehind ? (best.x, best.y) : (least.x, least.y)
    }
}
