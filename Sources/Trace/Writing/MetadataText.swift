/// The part of the metadata that does not depend on what is traced.
enum MetadataText {
    static func prologue(
        uuid: [UInt8], clock: TraceClock, environment: [String: String]
    ) -> String {
        "/* CTF 1.8 */\n" + types + trace(uuid) + environmentBlock(environment)
            + clockBlock(clock) + header + structures + streams
    }

    /// A C string literal's inside.
    static func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\t": out += "\\t"
            default: out += scalar.value < 32 || scalar.value == 127 ? "?" : String(scalar)
            }
        }
        return out + "\""
    }

    private static var types: String {
        var text = ""
        for bits in [8, 16, 32, 48, 64] {
            text +=
                "typealias integer { size = \(bits); align = 8; signed = false; } := u\(bits);\n"
            text += "typealias integer { size = \(bits); align = 8; signed = true; } := i\(bits);\n"
            text += "typealias integer { size = \(bits); align = 8; signed = false; base = 16; }"
            text += " := x\(bits);\n"
        }
        text += "typealias integer { size = 4; align = 1; signed = false; } := u4;\n"
        // Where in a record's bytes an argument lies: offset in the upper half, length in the lower.
        text += "typealias integer { size = 64; align = 8; signed = false; base = 16; } := span;\n"
        text +=
            "typealias integer { size = 8; align = 8; signed = false; encoding = UTF8; } := c8;\n"
        text += "typealias floating_point { exp_dig = 11; mant_dig = 53; align = 8; } := f64;\n"
        return text
    }

    private static func trace(_ uuid: [UInt8]) -> String {
        """
        trace {
            major = 1;
            minor = 8;
            uuid = "\(uuidText(uuid))";
            byte_order = le;
            packet.header := struct {
                u32 magic; u8 uuid[16]; u32 stream_id; u64 stream_instance_id;
            };
        };

        """
    }

    static func uuidText(_ uuid: [UInt8]) -> String {
        let digits = uuid.map { byte in
            let text = String(byte, radix: 16)
            return text.count == 1 ? "0" + text : text
        }
        return [0..<4, 4..<6, 6..<8, 8..<10, 10..<16].map { digits[$0].joined() }
            .joined(separator: "-")
    }

    private static func environmentBlock(_ environment: [String: String]) -> String {
        var text = "env {\n    domain = \"flexnpu\";\n    tracer_name = \"flexnpu\";\n"
        text += "    flexnpu_trace_version = \(TraceFormat.version);\n"
        for (key, value) in environment.sorted(by: { $0.key < $1.key }) {
            let safe = String(key.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
            text += "    _\(safe) = \(quoted(value));\n"
        }
        return text + "};\n"
    }

    private static func clockBlock(_ clock: TraceClock) -> String {
        let frequency = Int64(clamping: clock.frequency)
        let wall = max(0, clock.wallOffsetNanoseconds)
        let seconds = wall / 1_000_000_000
        let ticks = frequency == 1_000_000_000 ? wall % 1_000_000_000 : 0
        return """
            clock {
                name = monotonic;
                description = "the daemon's monotonic clock";
                freq = \(frequency);
                offset_s = \(seconds);
                offset = \(ticks);
            };
            typealias integer {
                size = 32; align = 8; signed = false; map = clock.monotonic.value;
            } := t32;
            typealias integer {
                size = 64; align = 8; signed = false; map = clock.monotonic.value;
            } := t64;

            """
    }

    private static let header = """
        struct event_header {
            enum : u16 { compact = 0 ... 65534, extended = 65535 } id;
            variant <id> {
                struct { t32 timestamp; } compact;
                struct { u32 id; t64 timestamp; } extended;
            } v;
        } align(8);

        """

    private static var structures: String {
        var text = """
            enum phase : u4 { other = 0, prefill = 1, decode = 2, mixed = 3 };
            enum phase_source : u4 { none = 0, mark = 1, label = 2, policy = 3, shape = 4 };
            enum client_change : u8 { attached = 0, detached = 1, died = 2 };
            enum policy_change : u8 { loaded = 0, swapped = 1, breach = 2, quarantined = 3, \
            option_set = 4, rolled_back = 5 };
            struct label { string _key; string _value; };
            enum decision_answer : u4 { operation = 0, hold = 1, hold_until = 2 };
            enum decision_maker : u4 { by_policy = 0, by_fallback = 1 };

            """
        for common in CallCommon.all { text += common.definition }
        for shape in KernelShape.all { text += shape.definition }
        for shape in OperationEventShape.all { text += shape.definition }
        for shape in DecisionShape.all { text += shape.definition }
        text += "struct plain { u32 _signature; u32 address_count; x64 _addresses[address_count]; "
        text +=
            "u32 word_count; x64 _words[word_count]; u32 byte_count; x8 _bytes[byte_count]; };\n"
        return text
    }

    private static var streams: String {
        var text = ""
        for id in [TraceFormat.clientStream, TraceFormat.daemonStream] {
            text += """
                stream {
                    id = \(id);
                    event.header := struct event_header;
                    packet.context := struct {
                        t64 timestamp_begin; t64 timestamp_end; u64 content_size; u64 packet_size;
                        u64 packet_seq_num; u64 events_discarded; u32 _client; u32 _segment;
                    };
                };

                """
        }
        return text + recordStream
    }

    private static let recordStream = """
        typealias integer {
            size = 64; align = 64; signed = false; map = clock.monotonic.value;
        } := t64_aligned;
        struct record_header { u16 id; t64_aligned timestamp; } align(64);
        stream {
            id = 2;
            event.header := struct record_header;
            event.context := struct {
                u64 _duration; x64 _stream; u32 _sequence; i32 _result; u32 bytes; u16 operands;
                u16 words;
            };
            packet.context := struct {
                t64 timestamp_begin; t64 timestamp_end; u64 content_size; u64 packet_size;
                u64 packet_seq_num; u64 events_discarded; u32 _client; u32 _thread;
            };
        };

        """
}
