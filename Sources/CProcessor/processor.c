#include "processor.h"

#if defined(__x86_64__)

int segfed_has_avx2(void) {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi")
      && __builtin_cpu_supports("bmi2");
}

int segfed_has_avx512(void) {
  return segfed_has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
      && __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq")
      && __builtin_cpu_supports("avx512vl");
}

#else

int segfed_has_avx2(void) { return 0; }
int segfed_has_avx512(void) { return 0; }

#endif
