/// The loads of policies by their numbers, which count from 1: the latest ones, and those whose policy
/// is kept. What is older is forgotten, or a policy that is saved again and again would fill the memory
/// with names.
struct LoadBook {
    private var loads: [PolicyLoad]
    private var first = 1

    init(_ load: PolicyLoad) { loads = [load] }

    var all: [PolicyLoad] { loads }
    /// The number that the next load gets.
    var next: Int { first + loads.count }

    func contains(_ number: Int) -> Bool { number >= first && number < next }

    /// The load of a number that the book contains.
    subscript(number: Int) -> PolicyLoad {
        get { loads[number - first] }
        _modify { yield &loads[number - first] }
    }

    mutating func append(_ load: PolicyLoad) { loads.append(load) }

    mutating func takeLogs() {
        for index in loads.indices { loads[index].takeLog() }
    }

    /// Lets go of policies that are older than the latest `kept`, and of what is left of loads older
    /// than the latest `listed`; `live` stays whatever its age.
    mutating func forgetOld(keeping kept: Int, listing listed: Int, live: Int) {
        let end = loads.count - kept
        for index in 0..<max(0, end) where loads[index].policy != nil && index + first != live {
            loads[index].release()
        }
        while loads.count > listed, loads[0].policy == nil {
            loads.removeFirst()
            first += 1
        }
    }
}
