// libpng reports errors with longjmp, which must not cross Swift frames: every libpng call and its setjmp
// stay in CPNG.c, and these functions return codes.
#ifndef SEGFED_CPNG_H
#define SEGFED_CPNG_H
#include <stddef.h>
#include <stdint.h>

enum {
  segfed_png_ok = 0,
  segfed_png_damaged = 1,
  segfed_png_no_memory = 2,
  segfed_png_wrong_size = 3
};

enum { segfed_png_message_size = 128 };

typedef struct {
  uint32_t width;
  uint32_t height;
  /// Bits of a stored sample: 1, 2, 4, 8 or 16.
  int bit_depth;
  /// 1 grey, 3 RGB; an alpha channel is not counted. A palette has 3, or 1 when its indices are read.
  int channels;
  int has_palette;
  int has_alpha;
} segfed_png_info;

/// The version of the library that is loaded, such as 1.6.39.
const char *segfed_png_version(void);

/// Reads the header of a PNG in memory. `message` takes `segfed_png_message_size` bytes.
int segfed_png_inspect(const uint8_t *bytes, size_t count, segfed_png_info *info, char *message);

/// Reads all samples as stored, row by row, channels interleaved: no gamma, alpha dropped, samples under 8 bits
/// not stretched. `indices` keeps palette indices; otherwise a palette's colours are given.
/// `capacity` must be width · height · channels.
int segfed_png_read(
    const uint8_t *bytes, size_t count, int indices, uint16_t *samples, size_t capacity, char *message);

/// Writes samples of 8 or 16 bits in 1 channel (grey) or 3 (RGB, interleaved), or with `palette` (256 RGB triples) 8-bit
/// indices in 1. No time, no text: equal samples give equal bytes. `*file` is allocated with malloc and belongs to the
/// caller.
int segfed_png_write(
    uint32_t width, uint32_t height, int channels, int bit_depth, const uint8_t *palette,
    const uint16_t *samples, uint8_t **file, size_t *file_count, char *message);
#endif
