#pragma once

// A Swift closure `(Int, Int) -> Void` as what it is, code and context, so that a thread pool can hold one that
// does not escape without a copy on the heap.

/// Calls the closure.
void segfed_closure_call(const void *code, const void *context, long first, long second);
