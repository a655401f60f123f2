#pragma once

// What the CPU and the operating system allow: 1 or 0.

/// AVX2, FMA and BMI: the level x86-64-v3.
int segfed_has_avx2(void);
/// AVX-512 F, BW, CD, DQ and VL: the level x86-64-v4.
int segfed_has_avx512(void);
