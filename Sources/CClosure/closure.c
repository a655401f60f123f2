#include "closure.h"

#if !__has_attribute(swiftcall)
#error "this compiler does not know Swift's calling convention"
#endif

struct parts {
  const void *code, *context;
};

/// Swift declares it with a closure as its only parameter, which arrives as two.
__attribute__((swiftcall)) struct parts segfed_closure_parts(const void *code, const void *context) {
  return (struct parts){code, context};
}

void segfed_closure_call(const void *code, const void *context, long first, long second) {
  typedef __attribute__((swiftcall)) void body(long, long, __attribute__((swift_context)) const void *);
  ((body *)code)(first, second, context);
}
