import CWire
import Foundation
import SharedRing
import Wire

/// Conversations of commands and programs with a daemon.
enum ControlSeeds {
    static let all: [String: [UInt8]] = [
        "listings": requests([.status, .clients, .policies, .policyShow]),
        "policy-is-loaded-and-swapped": requests([
            load(fifo, carryState: false), load(fifo, carryState: true), .policyRollback(load: nil),
        ]),
        "policy-that-does-not-load": requests([
            load("local P = {", carryState: true), load("return 7", carryState: false),
        ]),
        "options": requests([
            .policySet(key: "window_us", value: "300"), .policySet(key: "no", value: "1"),
            .policySet(key: "window_us", value: "1e999"),
        ]),
        "built-in-policies": requests([
            .policyBuiltIn(name: "fair"), .policyBuiltIn(name: "fifo"),
            .policyBuiltIn(name: "none"), .policyRollback(load: -1),
        ]),
        "recording-that-does-not-run": requests([.traceStop]),
        "no-json": [2] + Array("{\n[[[[\n\"\\ud800\"\n{\"status\":7}".utf8),
        "length-of-all-ones": [1, 0xff, 0xff, 0xff, 0xff] + Array("{}".utf8),
        "length-beyond-the-end": [1, 100, 0, 0, 0] + Array("{\"status\":{}}".utf8),
        "empty-request": [1, 0, 0, 0, 0],
        "hello-of-a-command-byte-by-byte": [0] + CommandHandshake.hello(pid: 1),
        "half-a-hello": [0] + CommandHandshake.hello(pid: 1).dropLast(20),
        "program-with-labels": [3]
            + Array("program=/bin/train\nlabel.weight=3\nlabel.phase=decode\nthread=1\n\0".utf8)
            + ask(FX_SOCKET_RING, 7, 0) + ask(FX_SOCKET_HOST_MEMORY, 4096, 0),
        "observed-program": [4] + Array("program=a\nlabel.name=b\n\0".utf8)
            + ask(FX_SOCKET_RING, 1, 0) + ask(FX_SOCKET_RING, 2, 0),
        "weights-that-are-no-numbers": [3]
            + Array("label.weight=nan\nlabel.weight=-1\n==\n\0".utf8),
        "environment-that-is-refused": [3]
            + Array("env.ASCEND_RT_VISIBLE_DEVICES=1\nprogram=x\n\0".utf8),
        "memory-of-all-ones": [3] + Array("program=x\n\0".utf8)
            + ask(FX_SOCKET_HOST_MEMORY, .max, 0) + ask(99, 1, 1) + ask(FX_SOCKET_RING, .max, .max),
    ]

    private static let fifo = """
        local P = { name = "fifo", api = 1, version = 1 }
        local q = queue.fifo()
        function P.ready(op) q:push(op) end
        function P.dispatch(device, now) return q:pop() end
        return P
        """

    private static func load(_ source: String, carryState: Bool) -> ControlRequest {
        .policyLoad(
            path: "/policies/fuzzed.lua", source: source, carryState: carryState, watch: false)
    }

    private static func requests(_ requests: [ControlRequest]) -> [UInt8] {
        let lines = requests.map { (try? JSONEncoder().encode($0)) ?? Data() }
        return [2] + lines.joined(separator: [UInt8(ascii: "\n")])
    }

    private static func ask(_ kind: Int, _ a: UInt64, _ b: UInt64) -> [UInt8] {
        var ask = fx_socket_ask()
        ask.kind = UInt32(kind)
        ask.a = a
        ask.b = b
        return ask.bytes
    }
}
