import Glibc

// PolicyBenchmark floor                   nanoseconds of three protected calls of empty functions
// PolicyBenchmark decide POLICY CLIENTS   nanoseconds of ready + dispatch + done, nine rounds
// PolicyBenchmark recorded POLICY CLIENTS the same while the lines of holds are recorded
// PolicyBenchmark ratio POLICY CLIENTS    the same as `decide`, divided by the floor, in turn
// PolicyBenchmark lives POLICY CLIENTS N  N times the same, for a counter of instructions
// PolicyBenchmark load POLICY             microseconds to read, check and open it, nine rounds
// PolicyBenchmark hostile SCRIPT…         `KINDS STALLS`: scripts, and calls after a script's first
//                                         breach that took longer than the limit and a millisecond

let arguments = Array(CommandLine.arguments.dropFirst())

func setting() -> DecisionSetting {
    guard let clients = UInt32(arguments[2]), clients > 0 else { stop("CLIENTS is a number") }
    return DecisionSetting(path: arguments[1], clients: clients)
}

func show(_ figures: [Double]) {
    for figure in figures { print(figure) }
}

switch (arguments.first, arguments.count) {
case ("floor", 1): show((0..<9).map { _ in floorNanoseconds() })
case ("decide", 3): show(try decisions(setting()))
case ("recorded", 3):
    var recorded = setting()
    recorded.recordsHolds = true
    show(try decisions(recorded))
case ("ratio", 3): show(try ratios(setting()))
case ("lives", 4):
    guard let count = Int(arguments[3]) else { stop("N is a number") }
    try lives(count, setting())
case ("load", 2): show(try loads(policy: arguments[1]))
case ("hostile", 2...):
    let scripts = arguments.dropFirst()
    print(scripts.count, scripts.reduce(0) { $0 + stalls(script: $1) })
default:
    stop(
        "usage: PolicyBenchmark floor | decide POLICY CLIENTS | recorded POLICY CLIENTS | "
            + "ratio POLICY CLIENTS | lives POLICY CLIENTS N | load POLICY | hostile SCRIPT…")
}
