#pragma once

// What the CPU can do and the operating system allows (it must save the wider registers): 1 or 0.
// Each asks for the whole level of the psABI that the kernels are compiled for, since the compiler may
// use any instruction of it.

/// x86-64-v3: AVX, AVX2, FMA, BMI1, BMI2, F16C, LZCNT, MOVBE.
int segfed_has_avx2(void);
/// x86-64-v4: beyond that AVX-512 F, BW, CD, DQ, VL.
int segfed_has_avx512(void);
