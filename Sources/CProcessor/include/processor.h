#pragma once

// What the CPU can do and the operating system allows (it must save the wider registers): 1 or 0.
// Each asks for the whole level of the psABI that the kernels are compiled for, since the compiler may
// use any instruction of it.

/// x86-64-v3: AVX, AVX2, FMA, BMI1, BMI2, F16C, LZCNT, MOVBE.
int segfed_has_avx2(void);
/// x86-64-v4: beyond that AVX-512 F, BW, CD, DQ, VL.
int segfed_has_avx512(void);

/// Asks for a line of memory in the second-level cache; any address will do.
static inline void segfed_prefetch(const void *address) { __builtin_prefetch(address, 0, 2); }

/// Sixteen values; Swift's `SIMD16<Float>`.
typedef float segfed_lanes __attribute__((ext_vector_type(16)));

/// a + b·c, rounded once. Swift's own `addingProduct` is a loop over the lanes, which the compiler does not
/// always put together again.
static inline __attribute__((always_inline)) segfed_lanes segfed_fma(segfed_lanes a, segfed_lanes b, segfed_lanes c) {
  return __builtin_elementwise_fma(b, c, a);
}

/// The transpose of 16 rows of 16 values, `step` values apart, as 16 consecutive rows.
static inline void segfed_transpose(const float *from, long step, float *to) {
  typedef segfed_lanes v;
  typedef float unaligned __attribute__((ext_vector_type(16), aligned(4)));
  v r[16], s[16];
  for (int i = 0; i < 16; i++) r[i] = *(const unaligned *)(from + i * step);
  // Rows i and i + 8 interleaved, four times over: each turn moves one bit of the row's number into the lane's.
  for (int turn = 0; turn < 4; turn++) {
    for (int i = 0; i < 8; i++) {
      s[2 * i] = __builtin_shufflevector(r[i], r[i + 8], 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
      s[2 * i + 1] = __builtin_shufflevector(r[i], r[i + 8], 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    }
    for (int i = 0; i < 16; i++) r[i] = s[i];
  }
  for (int i = 0; i < 16; i++) *(unaligned *)(to + i * 16) = r[i];
}
