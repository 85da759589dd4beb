/// flexnpu_functions.h: the ids that libflexnpu.so and the daemon share.
func functionHeader(_ table: Table, _ verbs: VerbTable) -> String {
    var text = banner()
    text += "#ifndef FLEXNPU_FUNCTIONS_H\n#define FLEXNPU_FUNCTIONS_H\n\n"
    text += "// Changes with any change to the table; both sides must have the same one.\n"
    text += "#define FX_TABLE_HASH 0x\(String(table.hash ^ verbs.hash, radix: 16))ull\n\nenum {\n"
    for function in table.functions {
        text += "    FX_FUNCTION_\(function.name) = \(function.id),\n"
    }
    text += "    FX_FUNCTION_COUNT = \(table.functions.count),\n};\n\n#endif\n"
    return text
}
