/// Everything generated in Sources/CInterposer/Generated.
func addInterposer(_ table: Table, _ queries: [PlainQuery], to output: inout OutputSet) {
    let folder = "Sources/CInterposer/Generated"
    output.add(exportsMap(table), at: "\(folder)/exports.map")
    output.add(queryEntries(queries), at: "\(folder)/queries.c")
    output.add(letterHeader(table.letters), at: "\(folder)/letters.h")
    output.add(routeHeader(table), at: "\(folder)/route.h")
    output.add(nameHeader(table), at: "\(folder)/names.h")
    output.add(nameTable(table), at: "\(folder)/names.c")
    output.add(entriesHeader(), at: "\(folder)/entries.h")
    output.add(choosing, at: "\(folder)/choose.c")

    let written = table.functions.filter { !$0.isHandwritten }
    let launches = written.filter { $0.phaseOne != nil }
    let preparations = written.filter { $0.phaseTwo != nil }
    let others = written.filter { $0.phaseOne == nil && $0.phaseTwo == nil }
    let groups = [("aclnn_launch", launches), ("aclnn_prepare", preparations)]
    for (name, functions) in groups + grouped(others) {
        for (index, part) in parts(functions, of: name == "aclnn_launch" ? 1200 : 300).enumerated()
        {
            var text = banner() + "#include \"entries.h\"\n"
            if part.contains(where: \.isLaunch) { text += sharedLaunch }
            if let most = part.filter({ $0.phaseTwo != nil }).map(\.arguments.count).max() {
                text += sharedPrepare(most: most)
            }
            for function in part { text += "\n" + entryPoint(function, table.letters) }
            let number = functions.count > part.count ? "_\(index)" : ""
            output.add(text, at: "\(folder)/entries_\(name)\(number).c")
        }
    }
}

/// The functions that are no aclnn operations, by family.
private func grouped(_ functions: [Function]) -> [(String, [Function])] {
    var groups: [(name: String, functions: [Function])] = [
        ("aclrt", []), ("aclmdl", []), ("aclop", []), ("hccl", []), ("other", []),
    ]
    for function in functions {
        let index =
            groups.firstIndex { function.name.lowercased().hasPrefix($0.name) } ?? groups.count - 1
        groups[index].functions.append(function)
    }
    return groups.map { ($0.name, $0.functions) }
}

func parts<T>(_ all: [T], of size: Int) -> [[T]] {
    stride(from: 0, to: all.count, by: size).map { Array(all[$0..<min($0 + size, all.count)]) }
}

private func exportsMap(_ table: Table) -> String {
    var text = banner("#") + "{\n    global:\n"
    for name in table.functions.map(\.name) + table.hooks { text += "        \(name);\n" }
    return text + "    local:\n        *;\n};\n"
}

/// What every generated entry point includes: the runtime's header and two conversions.
private func entriesHeader() -> String { banner() + entriesChoice + entriesConversions }

/// The short way through an entry point.
private let entriesChoice = """
    #ifndef FX_ENTRIES_H
    #define FX_ENTRIES_H

    #include <stdbool.h>
    #include <stddef.h>
    #include <stdint.h>
    #include <string.h>

    // What is declared here is the library's own: reached without a table of addresses.
    #pragma GCC visibility push(hidden)
    #include "../Entry/entry.h"
    #include "codes.h"
    #include "flexnpu_functions.h"
    #include "names.h"
    #include "route.h"

    enum fx_way { FX_WAY_FORWARD, FX_WAY_ROUTE, FX_WAY_RECORD, FX_WAY_MISSING };

    // What to do with a call, and the vendor's function.
    struct fx_choice {
        void *real;
        enum fx_way way;
    };

    // The long way to choose, on a function's first call and when it is recorded.
    struct fx_choice fx_choose(uint16_t function);
    #pragma GCC visibility pop

    static inline struct fx_choice fx_choice(uint16_t function) {
        const int mode = __atomic_load_n(&fx_mode_known, __ATOMIC_RELAXED);
        if (mode == FX_MODE_ROUTE) return (struct fx_choice){NULL, FX_WAY_ROUTE};
        void *const real = __atomic_load_n(&fx_real_known[function], __ATOMIC_ACQUIRE);
        if (mode < 0 || (uintptr_t)real <= (uintptr_t)FX_REAL_MISSING) return fx_choose(function);
        if (mode == FX_MODE_OBSERVE) {
            const uint8_t *const recorded = __atomic_load_n(&fx_recorded_bytes, __ATOMIC_ACQUIRE);
            if (__atomic_load_n(&recorded[function], __ATOMIC_RELAXED)) return fx_choose(function);
        }
        return (struct fx_choice){real, FX_WAY_FORWARD};
    }

    """

/// How arguments become words and bytes of a record.
private let entriesConversions = """

    // What the launch of an operation returns that cannot be carried, or that the library
    // lacks.
    #define FX_LAUNCH_REFUSED 161002

    // A number as a record's word: the bits of a double.
    static inline uint64_t fx_bits(double value) {
        uint64_t bits;
        memcpy(&bits, &value, sizeof bits);
        return bits;
    }

    // The longest string that a record carries; a longer one is cut.
    #define FX_TEXT_LIMIT 4096u

    static inline uint32_t fx_text_bytes(const char *text) {
        return text ? (uint32_t)strnlen(text, FX_TEXT_LIMIT) : 0;
    }

    // The most that a record carries of an array or of bytes. A longer one is left out (UINT32_MAX says so): where
    // the length is a mistake of the program, the memory is not there to be read.
    #define FX_SPAN_LIMIT 16384u

    static inline uint32_t fx_span_bytes(const void *start, uint64_t count, uint32_t size) {
        if (!start || (int64_t)count <= 0) return 0;
        return count > FX_SPAN_LIMIT / size ? UINT32_MAX : (uint32_t)count * size;
    }

    // Bytes of a value of an aclDataType, 0 for those without a whole number of them.
    static inline uint32_t fx_type_bytes(int32_t type) { return fx_data_type_bits(type) / 8; }

    #endif

    """

/// choose.c: what an entry point asks when the short way is not open.
private let choosing =
    banner() + """
        #include "entries.h"

        struct fx_choice fx_choose(uint16_t function) {
            int mode = __atomic_load_n(&fx_mode_known, __ATOMIC_RELAXED);
            if (fx_unlikely((unsigned)mode >= FX_MODE_ROUTE)) {  // route, or not known yet
                mode = fx_mode();
                if (mode == FX_MODE_ROUTE) return (struct fx_choice){NULL, FX_WAY_ROUTE};
            }
            void *real = __atomic_load_n(&fx_real_known[function], __ATOMIC_ACQUIRE);
            if (fx_unlikely((uintptr_t)real <= (uintptr_t)FX_REAL_MISSING)) {
                real = fx_real(function);
                if (!real) return (struct fx_choice){NULL, FX_WAY_MISSING};
            }
            const int recorded = mode == FX_MODE_OBSERVE && fx_recorded(function);
            return (struct fx_choice){real, recorded ? FX_WAY_RECORD : FX_WAY_FORWARD};
        }

        """
