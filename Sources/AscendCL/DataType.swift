/// The name of an aclDataType, as people write it: `float16`, `bfloat16`, `int64`; its number where
/// it has none.
package func dataTypeName(_ type: Int32) -> String {
    dataTypeNames[type] ?? "type\(type)"
}

/// The name of an aclFormat: `ND`, `NCHW`; its number where it has none.
package func formatName(_ format: Int32) -> String {
    formatNames[format] ?? "format\(format)"
}

private let dataTypeNames: [Int32: String] = [
    -1: "undefined", 0: "float32", 1: "float16", 2: "int8", 3: "int32", 4: "uint8", 6: "int16",
    7: "uint16", 8: "uint32", 9: "int64", 10: "uint64", 11: "float64", 12: "bool", 13: "string",
    16: "complex64", 17: "complex128", 27: "bfloat16", 29: "int4", 30: "uint1", 33: "complex32",
    34: "hifloat8", 35: "float8_e5m2", 36: "float8_e4m3fn", 37: "float8_e8m0", 38: "float6_e3m2",
    39: "float6_e2m3", 40: "float4_e2m1", 41: "float4_e1m2",
]

private let formatNames: [Int32: String] = [
    -1: "undefined", 0: "NCHW", 1: "NHWC", 2: "ND", 3: "NC1HWC0", 4: "FRACTAL_Z", 12: "NC1HWC0_C04",
    16: "HWCN", 27: "NDHWC", 29: "FRACTAL_NZ", 30: "NCDHW", 32: "NDC1HWC0", 33: "FRACTAL_Z_3D",
    35: "NC", 47: "NCL", 50: "FRACTAL_NZ_C0_16", 51: "FRACTAL_NZ_C0_32", 52: "FRACTAL_NZ_C0_2",
    53: "FRACTAL_NZ_C0_4", 54: "FRACTAL_NZ_C0_8",
]
