/// A stretch of address space.
struct Block: Equatable {
    var address: UInt
    var size: UInt
    var end: UInt { address + size }
}

/// Blocks in order, by address or by size and then address: a treap in one array. Its priorities
/// are a hash of the address, so the same program meets the same addresses in every run.
struct BlockTree {
    enum Order {
        case byAddress, bySize
    }

    private struct Node {
        var block: Block
        var priority: UInt32
        var left: Int32 = -1
        var right: Int32 = -1
    }

    private let order: Order
    private var nodes: ContiguousArray<Node> = []
    private var unused: [Int32] = []
    private var root: Int32 = -1
    private(set) var count = 0

    init(_ order: Order) { self.order = order }

    mutating func insert(_ block: Block) {
        let node = makeNode(block)
        let (before, after) = split(root, before: block)
        root = merge(merge(before, node), after)
        count += 1
    }

    /// Takes out `block`, which is in the tree.
    mutating func remove(_ block: Block) {
        root = removing(block, from: root)
    }

    /// The last block that starts at or before `address`. For trees by address.
    func last(startingUpTo address: UInt) -> Block? {
        var index = root
        var found: Block?
        while index >= 0 {
            let node = nodes[Int(index)]
            if node.block.address <= address {
                found = node.block
                index = node.right
            } else {
                index = node.left
            }
        }
        return found
    }

    /// The block that `address` lies in. For trees by address whose blocks do not overlap.
    func block(containing address: UInt) -> Block? {
        guard let block = last(startingUpTo: address), address < block.end else { return nil }
        return block
    }

    /// Whether a block shares a byte with `other`. For trees by address whose blocks do not overlap.
    func overlaps(_ other: Block) -> Bool {
        guard let block = last(startingUpTo: other.end - 1) else { return false }
        return block.end > other.address
    }

    /// The smallest block of at least `size`, the lowest of several. For trees by size.
    func smallest(ofAtLeast size: UInt) -> Block? {
        var index = root
        var found: Block?
        while index >= 0 {
            let node = nodes[Int(index)]
            if node.block.size >= size {
                found = node.block
                index = node.left
            } else {
                index = node.right
            }
        }
        return found
    }

    /// The first block in the tree's order.
    var first: Block? {
        var index = root
        var found: Block?
        while index >= 0 {
            found = nodes[Int(index)].block
            index = nodes[Int(index)].left
        }
        return found
    }

    private func isBefore(_ one: Block, _ other: Block) -> Bool {
        switch order {
        case .byAddress: one.address < other.address
        case .bySize: (one.size, one.address) < (other.size, other.address)
        }
    }

    private mutating func makeNode(_ block: Block) -> Int32 {
        var hash = UInt64(block.address) &* 0x9E37_79B9_7F4A_7C15
        hash ^= hash >> 29
        let node = Node(
            block: block, priority: UInt32(truncatingIfNeeded: hash &* 0xBF58_476D >> 16))
        if let index = unused.popLast() {
            nodes[Int(index)] = node
            return index
        }
        nodes.append(node)
        return Int32(nodes.count - 1)
    }

    /// Splits a subtree into what comes before `block` and the rest.
    private mutating func split(_ index: Int32, before block: Block) -> (Int32, Int32) {
        guard index >= 0 else { return (-1, -1) }
        if isBefore(nodes[Int(index)].block, block) {
            let (before, after) = split(nodes[Int(index)].right, before: block)
            nodes[Int(index)].right = before
            return (index, after)
        }
        let (before, after) = split(nodes[Int(index)].left, before: block)
        nodes[Int(index)].left = after
        return (before, index)
    }

    /// Joins two subtrees of which all of the first comes before all of the second.
    private mutating func merge(_ one: Int32, _ other: Int32) -> Int32 {
        if one < 0 { return other }
        if other < 0 { return one }
        if nodes[Int(one)].priority >= nodes[Int(other)].priority {
            nodes[Int(one)].right = merge(nodes[Int(one)].right, other)
            return one
        }
        nodes[Int(other)].left = merge(one, nodes[Int(other)].left)
        return other
    }

    private mutating func removing(_ block: Block, from index: Int32) -> Int32 {
        guard index >= 0 else { return -1 }
        let node = nodes[Int(index)]
        if node.block == block {
            unused.append(index)
            count -= 1
            return merge(node.left, node.right)
        }
        if isBefore(block, node.block) {
            nodes[Int(index)].left = removing(block, from: node.left)
        } else {
            nodes[Int(index)].right = removing(block, from: node.right)
        }
        return index
    }
}
