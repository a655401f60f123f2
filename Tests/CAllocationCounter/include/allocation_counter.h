#pragma once

// Counts what a test binary takes from the heap, in all of its threads. Linked in, it stands before glibc's
// allocator, which still does the work; memory from `mmap` is not seen.

/// Counts from zero, from now on.
void segfed_start_counting(void);
/// Stops, and returns how many blocks were asked for meanwhile, without those that OpenBLAS asked for itself.
long segfed_stop_counting(void);
/// How many OpenBLAS asked for itself, in the time last counted.
long segfed_openblas_allocations(void);
/// The functions that asked for the first of them, one a line, the innermost first. Valid until counting starts.
const char *segfed_first_allocation(void);
