#include "processor.h"

#if defined(__x86_64__)

#include <cpuid.h>

/// One group of CPUID's feature bits, all of which are needed.
static int has(unsigned leaf, unsigned subleaf, int index, unsigned wanted) {
  unsigned r[4];
  if (!__get_cpuid_count(leaf, subleaf, &r[0], &r[1], &r[2], &r[3])) return 0;
  return (r[index] & wanted) == wanted;
}

enum { eax, ebx, ecx, edx };

/// The registers that the operating system saves when it changes threads (XCR0).
static unsigned saved_registers(void) {
  if (!has(1, 0, ecx, bit_OSXSAVE)) return 0;
  unsigned low, high;
  // `xgetbv` by hand: the intrinsic would need a compiler flag.
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

int segfed_has_avx2(void) {
  const unsigned xmm_ymm = 0x6;
  return (saved_registers() & xmm_ymm) == xmm_ymm
      && has(1, 0, ecx, bit_FMA | bit_MOVBE | bit_AVX | bit_F16C)
      && has(7, 0, ebx, bit_BMI | bit_AVX2 | bit_BMI2)
      && has(0x80000001, 0, ecx, bit_LZCNT);
}

int segfed_has_avx512(void) {
  const unsigned mask_zmm = 0xe0;
  return segfed_has_avx2() && (saved_registers() & mask_zmm) == mask_zmm
      && has(7, 0, ebx, bit_AVX512F | bit_AVX512DQ | bit_AVX512CD | bit_AVX512BW | bit_AVX512VL);
}

#else

int segfed_has_avx2(void) { return 0; }
int segfed_has_avx512(void) { return 0; }

#endif
