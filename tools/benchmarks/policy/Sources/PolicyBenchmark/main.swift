import Glibc

// PolicyBenchmark decide POLICY CLIENTS   nanoseconds of ready + dispatch + done, nine rounds
// PolicyBenchmark load POLICY             microseconds to read, check and open it, nine rounds
// PolicyBenchmark hostile SCRIPT…         `KINDS STALLS`: scripts, and calls after a script's first
//                                         breach that took longer than the limit and a millisecond

let arguments = Array(CommandLine.arguments.dropFirst())
switch (arguments.first, arguments.count) {
case ("decide", 3):
    guard let clients = UInt32(arguments[2]), clients > 0 else { stop("CLIENTS is a number") }
    for figure in try decisions(policy: arguments[1], clients: clients) { print(figure) }
case ("load", 2):
    for figure in try loads(policy: arguments[1]) { print(figure) }
case ("hostile", 2...):
    let scripts = arguments.dropFirst()
    print(scripts.count, scripts.reduce(0) { $0 + stalls(script: $1) })
default:
    stop("usage: PolicyBenchmark decide POLICY CLIENTS | load POLICY | hostile SCRIPT…")
}
