#define _GNU_SOURCE
#include "allocation_counter.h"

#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static atomic_bool is_counting;
static atomic_long count;
static atomic_long openblas_count;

enum { depth = 24 };
static void *first[depth];
static int first_depth;

static bool is_openblas(const void *caller) {
  Dl_info info;
  return dladdr(caller, &info) && info.dli_fname && strstr(info.dli_fname, "libopenblas");
}

static void note(const void *caller) {
  if (!atomic_load_explicit(&is_counting, memory_order_relaxed)) return;
  if (is_openblas(caller)) {
    atomic_fetch_add(&openblas_count, 1);
  } else if (atomic_fetch_add(&count, 1) == 0) {
    first_depth = backtrace(first, depth);
  }
}

void segfed_start_counting(void) {
  // Loads what `backtrace` needs, which takes memory itself.
  backtrace(first, depth);
  first_depth = 0;
  atomic_store(&count, 0);
  atomic_store(&openblas_count, 0);
  atomic_store(&is_counting, 1);
}

long segfed_stop_counting(void) {
  atomic_store(&is_counting, 0);
  return atomic_load(&count);
}

long segfed_openblas_allocations(void) { return atomic_load(&openblas_count); }

const char *segfed_first_allocation(void) {
  static char text[8192];
  size_t length = 0;
  char **names = backtrace_symbols(first, first_depth);
  // The first two are this file's own.
  for (int i = 2; names && i < first_depth; i++) {
    int written = snprintf(text + length, sizeof text - length, "%s\n", names[i]);
    if (written < 0 || length + written >= sizeof text) break;
    length += written;
  }
  text[length] = 0;
  free(names);
  return text;
}

void *malloc(size_t size) {
  note(__builtin_return_address(0));
  return __libc_malloc(size);
}

void *calloc(size_t n, size_t size) {
  note(__builtin_return_address(0));
  return __libc_calloc(n, size);
}

void *realloc(void *block, size_t size) {
  note(__builtin_return_address(0));
  return __libc_realloc(block, size);
}

void *memalign(size_t alignment, size_t size) {
  note(__builtin_return_address(0));
  return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void **block, size_t alignment, size_t size) {
  if (alignment % sizeof(void *) != 0 || (alignment & (alignment - 1)) != 0) return EINVAL;
  void *found = memalign(alignment, size);
  if (!found) return ENOMEM;
  *block = found;
  return 0;
}
