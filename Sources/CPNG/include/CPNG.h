#ifndef SEGFED_CPNG_H
#define SEGFED_CPNG_H
#endif
