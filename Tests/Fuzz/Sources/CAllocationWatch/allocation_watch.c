#include "allocation_watch.h"

#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/types.h>

typedef void (*malloc_hook)(const volatile void *, size_t);
typedef void (*free_hook)(const volatile void *);
// The sanitizer's own (sanitizer/allocator_interface.h); absent without it.
extern int __sanitizer_install_malloc_and_free_hooks(malloc_hook, free_hook) __attribute__((weak));

static atomic_bool is_watching;
static atomic_size_t largest;
static int has_hooks;

static void note(size_t size) {
  if (!atomic_load_explicit(&is_watching, memory_order_relaxed)) return;
  size_t seen = atomic_load_explicit(&largest, memory_order_relaxed);
  while (size > seen && !atomic_compare_exchange_weak(&largest, &seen, size)) {}
}

static void on_malloc(const volatile void *block, size_t size) {
  (void)block;
  note(size);
}

static void on_free(const volatile void *block) { (void)block; }

int segfed_watches_heap(void) {
  if (!has_hooks && __sanitizer_install_malloc_and_free_hooks) {
    has_hooks = __sanitizer_install_malloc_and_free_hooks(on_malloc, on_free) != 0;
  }
  return has_hooks;
}

void segfed_watch_begin(void) {
  segfed_watches_heap();
  atomic_store(&largest, 0);
  atomic_store(&is_watching, 1);
}

size_t segfed_watch_end(void) {
  atomic_store(&is_watching, 0);
  return atomic_load(&largest);
}

extern void *__real_mmap(void *, size_t, int, int, int, off_t);

void *__wrap_mmap(void *place, size_t size, int protection, int flags, int file, off_t offset) {
  note(size);
  return __real_mmap(place, size, protection, flags, file, offset);
}
