// Debian keeps libnifti's headers in /usr/include/nifti, but they name each other without that
// folder: the forwarding headers beside this one lead them there.
#ifndef SEGFED_CNIFTI_H
#define SEGFED_CNIFTI_H
#include <stddef.h>
#include <stdint.h>
#include <libdeflate.h>
#include <zlib.h>
#include "nifti1.h"
#include "nifti2.h"
#include "nifti2_io.h"

/// Compresses `count` bytes into one gzip member without name and time, so equal bytes give equal bytes.
/// `*compressed` is allocated with malloc and belongs to the caller. Returns zlib's code, Z_OK on success.
int segfed_gzip(const uint8_t *bytes, size_t count, int level, uint8_t **compressed, size_t *compressedCount);
#endif
