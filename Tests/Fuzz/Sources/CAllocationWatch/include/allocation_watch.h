#pragma once
#include <stddef.h>

// The largest block that is asked for at once, in all threads: from the heap where the address sanitizer stands
// before it, and from `mmap` where this program calls it (linked with --wrap=mmap).

/// Watches from now on.
void segfed_watch_begin(void);
/// Stops, and returns the largest block meanwhile in bytes.
size_t segfed_watch_end(void);
/// Whether the heap is watched, not `mmap` alone.
int segfed_watches_heap(void);
