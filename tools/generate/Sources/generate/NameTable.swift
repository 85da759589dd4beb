/// route.h: what is written by hand for route mode, and the functions with entry points of their
/// own.
func routeHeader(_ table: Table) -> String {
    var text = banner()
    text += """
        //
        // fx_route_NAME is what NAME does in route mode, for every function that is carried and is
        // no aclnn operation; those go through fx_route_phase_one and fx_route_phase_two.
        //
        // Entry points written by hand (Sources/AscendCL/Table/handwritten.tsv):

        """
    for function in table.functions where function.isHandwritten {
        text += "//   \(function.name)\n"
    }
    text += "#ifndef FX_ROUTE_H\n#define FX_ROUTE_H\n\n"
    text += "#include <stdbool.h>\n#include <stddef.h>\n#include <stdint.h>\n\n"
    for function in table.functions
    where !function.isRefused && !function.isHandwritten && function.phaseOne == nil
        && function.phaseTwo == nil
    {
        text += signature(function, prefix: "fx_route_") + ";\n"
    }
    return text + "\n#endif\n"
}

/// names.h: the table as the runtime reads it, besides what entry.h declares.
func nameHeader(_ table: Table) -> String {
    var text = banner()
    text += "#ifndef FX_NAMES_H\n#define FX_NAMES_H\n\n#include <stdint.h>\n\n"
    text += "#include \"flexnpu_functions.h\"\n\nenum fx_class {\n"
    for (index, name) in Table.classes.enumerated() {
        text += "    FX_CLASS_\(name.uppercased()) = \(index),\n"
    }
    text += "};\n\nenum { FX_LIBRARY_COUNT = \(table.libraries.count) };\n"
    text += """

        // No pointers inside: the table stays in pages that programs share.
        struct fx_function {
            uint32_t name;       // where its name starts in fx_function_text
            uint32_t reason;     // why it is refused, in the same text; 0 when it is not
            uint32_t arguments;  // of a phase one: its class letters; else 0
            uint16_t phase_two;  // of a phase one: the id of its launch; else its own id
            uint8_t library;     // its number, for fx_library
            uint8_t class;       // enum fx_class
        };

        extern const struct fx_function fx_functions[FX_FUNCTION_COUNT];
        extern const char fx_function_text[];

        /// The function's name, and why it is refused (NULL: it is not).
        const char *fx_function_name(uint16_t function);
        const char *fx_function_reason(uint16_t function);
        /// The function of that name; −1: the table has none.
        int32_t fx_function_find(const char *name);
        /// CANN's libraries, by number; NULL past the last.
        const char *fx_library(unsigned number);

        #endif

        """
    return text
}

/// names.c: names, reasons and class strings in one text, each said once.
func nameTable(_ table: Table) -> String {
    var blob = StringBlob()
    let libraries = table.libraries
    var rows = ""
    for function in table.functions {
        let classIndex = Table.classes.firstIndex(of: function.functionClass) ?? 0
        let library = libraries.firstIndex(of: function.library) ?? 0
        let places = [function.name, function.reason, function.arguments].map {
            "\(blob.place($0))"
        }
        rows += "    {\(places.joined(separator: ", ")), \(function.phaseTwo ?? function.id), "
        rows += "\(library), \(classIndex)},\n"
    }
    var text =
        banner() + "#include \"names.h\"\n\n#include <stddef.h>\n#include <string.h>\n\n"
    text += "static const char library_names[FX_LIBRARY_COUNT][\(Table.libraryNameBytes)] = {\n"
    for library in libraries { text += "    \"\(library)\",\n" }
    text += "};\n\nconst struct fx_function fx_functions[FX_FUNCTION_COUNT] = {\n\(rows)};\n\n"
    text += "const char fx_function_text[] =\n\(blob.literal);\n"
    return text + sortedIds(table) + nameLookUps
}

/// The ids in the order of the names, for `fx_function_find`.
private func sortedIds(_ table: Table) -> String {
    var text = "\n// In the order of their names.\n"
    text += "static const uint16_t sorted[FX_FUNCTION_COUNT] = {\n"
    let sorted = table.functions.sorted {
        $0.name.utf8.lexicographicallyPrecedes($1.name.utf8)
    }
    for part in parts(sorted, of: 16) {
        text += "    " + part.map { "\($0.id)," }.joined(separator: " ") + "\n"
    }
    return text + "};\n"
}

private let nameLookUps = """

    const char *fx_function_name(uint16_t function) {
        return fx_function_text + fx_functions[function].name;
    }

    const char *fx_function_reason(uint16_t function) {
        uint32_t reason = fx_functions[function].reason;
        return reason ? fx_function_text + reason : NULL;
    }

    int32_t fx_function_find(const char *name) {
        uint32_t first = 0, end = FX_FUNCTION_COUNT;
        while (first < end) {
            const uint32_t middle = first + (end - first) / 2;
            const int order = strcmp(name, fx_function_name(sorted[middle]));
            if (order == 0) return sorted[middle];
            if (order < 0)
                end = middle;
            else
                first = middle + 1;
        }
        return -1;
    }

    const char *fx_library(unsigned number) {
        return number < FX_LIBRARY_COUNT ? library_names[number] : NULL;
    }

    """

/// Strings one after another, found by where they start; the empty one is at 0.
private struct StringBlob {
    private(set) var literal = "    \"\\0\""
    private var size = 1
    private var places: [String: Int] = ["": 0]

    mutating func place(_ string: String) -> Int {
        if let known = places[string] { return known }
        let start = size
        places[string] = start
        size += string.utf8.count + 1
        let escaped = string.split(separator: "\"", omittingEmptySubsequences: false)
        literal += "\n    \"\(escaped.joined(separator: "\\\""))\\0\""
        return start
    }
}
