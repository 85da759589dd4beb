// Sizes of data types and the half-precision conversions.
#include <stddef.h>
#include <string.h>

#include "../Generated/codes.h"
#include "../Generated/route.h"

size_t fx_route_aclDataTypeSize(int32_t dataType) { return fx_data_type_bits(dataType) / 8; }

float fx_route_aclFloat16ToFloat(uint16_t value) {
    uint32_t sign = (uint32_t)(value & 0x8000) << 16;
    uint32_t exponent = (value >> 10) & 0x1F, fraction = value & 0x3FF, bits;
    if (exponent == 0x1F) {
        bits = sign | 0x7F800000 | fraction << 13;
    } else if (exponent != 0) {
        bits = sign | (exponent + 112) << 23 | fraction << 13;
    } else if (fraction == 0) {
        bits = sign;
    } else {
        // Subnormal: shift the leading one into place.
        int shift = __builtin_clz(fraction) - 21;
        bits = sign | (uint32_t)(113 - shift) << 23 | (fraction << (shift + 13) & 0x7FFFFF);
    }
    float result;
    memcpy(&result, &bits, sizeof(result));
    return result;
}

uint16_t fx_route_aclFloatToFloat16(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof(bits));
    uint16_t sign = (uint16_t)(bits >> 16 & 0x8000);
    uint32_t magnitude = bits & 0x7FFFFFFF;
    if (magnitude > 0x7F800000) return sign | 0x7E00;        // not a number
    if (magnitude >= 0x47800000) return sign | 0x7C00;       // too large: infinity
    if (magnitude < 0x33000000) return sign;                 // rounds to zero
    uint32_t fraction, dropped;
    if (magnitude >= 0x38800000) {
        fraction = (magnitude - 0x38000000) >> 13;
        dropped = magnitude << 19;
    } else {
        // Subnormal: the exponent says how far the fraction moves.
        int shift = 126 - (int)(magnitude >> 23);
        uint32_t whole = (magnitude & 0x7FFFFF) | 0x800000;
        fraction = whole >> shift;
        dropped = whole << (32 - shift);
    }
    // To nearest, ties to even.
    if (dropped > 0x80000000 || (dropped == 0x80000000 && (fraction & 1) != 0)) fraction++;
    return (uint16_t)(sign | fraction);
}
