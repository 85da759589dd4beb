/// A queue that takes from its front without moving what is behind.
struct Fifo<Element> {
    private var storage: [Element] = []
    private var start = 0

    var isEmpty: Bool { start == storage.count }
    var count: Int { storage.count - start }
    var first: Element? { isEmpty ? nil : storage[start] }
    var last: Element? { isEmpty ? nil : storage.last }

    mutating func append(_ element: Element) { storage.append(element) }

    mutating func popFirst() -> Element? {
        guard !isEmpty else { return nil }
        let element = storage[start]
        start += 1
        if start == storage.count {
            storage.removeAll(keepingCapacity: true)
            start = 0
        } else if start >= 64, start * 2 >= storage.count {
            storage.removeFirst(start)
            start = 0
        }
        return element
    }

    func contains(where isWanted: (Element) -> Bool) -> Bool {
        storage[start...].contains(where: isWanted)
    }

    mutating func updateLast(_ body: (inout Element) -> Void) {
        if !isEmpty { body(&storage[storage.count - 1]) }
    }

    /// Changes each element, from the front.
    mutating func updateEach(_ body: (inout Element) -> Void) {
        for index in start..<storage.count { body(&storage[index]) }
    }
}
