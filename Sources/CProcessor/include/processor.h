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

// Rows of four values, as four classes' logits lie, and their columns.

typedef float segfed_unaligned __attribute__((ext_vector_type(16), aligned(4)));

/// Column `c` (0 to 3) of 16 rows of four values.
static inline __attribute__((always_inline)) segfed_lanes segfed_column4(const float *from, long c) {
#define COLUMN(k)                                                                                                  \
  {                                                                                                                \
    const segfed_lanes r0 = *(const segfed_unaligned *)from, r1 = *(const segfed_unaligned *)(from + 16);          \
    const segfed_lanes r2 = *(const segfed_unaligned *)(from + 32), r3 = *(const segfed_unaligned *)(from + 48);   \
    const segfed_lanes low = __builtin_shufflevector(                                                              \
        r0, r1, k, k + 4, k + 8, k + 12, k + 16, k + 20, k + 24, k + 28, k, k, k, k, k, k, k, k);                  \
    const segfed_lanes high = __builtin_shufflevector(                                                             \
        r2, r3, k, k + 4, k + 8, k + 12, k + 16, k + 20, k + 24, k + 28, k, k, k, k, k, k, k, k);                  \
    return __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23);             \
  }
  switch (c) {
  case 0: COLUMN(0)
  case 1: COLUMN(1)
  case 2: COLUMN(2)
  default: COLUMN(3)
  }
#undef COLUMN
}

/// Writes 16 rows of four values from their columns.
static inline __attribute__((always_inline)) void
segfed_rows4(segfed_lanes c0, segfed_lanes c1, segfed_lanes c2, segfed_lanes c3, float *to) {
#define LOW(a, b) __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define HIGH(a, b) __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
#define PAIRS_LOW(a, b) __builtin_shufflevector(a, b, 0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23)
#define PAIRS_HIGH(a, b) __builtin_shufflevector(a, b, 8, 9, 24, 25, 10, 11, 26, 27, 12, 13, 28, 29, 14, 15, 30, 31)
  const segfed_lanes l01 = LOW(c0, c1), l23 = LOW(c2, c3), h01 = HIGH(c0, c1), h23 = HIGH(c2, c3);
  *(segfed_unaligned *)to = PAIRS_LOW(l01, l23);
  *(segfed_unaligned *)(to + 16) = PAIRS_HIGH(l01, l23);
  *(segfed_unaligned *)(to + 32) = PAIRS_LOW(h01, h23);
  *(segfed_unaligned *)(to + 48) = PAIRS_HIGH(h01, h23);
#undef LOW
#undef HIGH
#undef PAIRS_LOW
#undef PAIRS_HIGH
}

/// 1 where one of 16 rows is of class `c`, else 0.
static inline __attribute__((always_inline)) segfed_lanes segfed_indicator(const unsigned char *classes, int c) {
  typedef unsigned char bytes __attribute__((ext_vector_type(16), aligned(1)));
  typedef int numbers __attribute__((ext_vector_type(16)));
  const numbers wide = __builtin_convertvector(*(const bytes *)classes, numbers);
  return __builtin_convertvector(-(wide == c), segfed_lanes);
}
