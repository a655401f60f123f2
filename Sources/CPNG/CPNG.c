#include "CPNG.h"

#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

const char *segfed_png_version(void) { return png_get_libpng_ver(NULL); }

// What a longjmp must not lose lives in these structs, outside the function that calls setjmp.

typedef struct {
  png_structp png;
  png_infop info;
  const uint8_t *bytes;
  size_t count, position;
  png_bytep raw;
  char *message;
} reader;

typedef struct {
  png_structp png;
  png_infop info;
  uint8_t *bytes;
  size_t count, capacity;
  png_bytep row;
  char *message;
} writer;

static void keep_message(png_structp png, png_const_charp text) {
  char *message = png_get_error_ptr(png);
  strncpy(message, text, segfed_png_message_size - 1);
  message[segfed_png_message_size - 1] = 0;
  png_longjmp(png, 1);
}

static void ignore_warning(png_structp png, png_const_charp text) {
  (void)png;
  (void)text;
}

static void take_bytes(png_structp png, png_bytep target, size_t count) {
  reader *r = png_get_io_ptr(png);
  if (count > r->count - r->position) png_error(png, "the file ends early");
  memcpy(target, r->bytes + r->position, count);
  r->position += count;
}

static int open_reader(reader *r) {
  r->message[0] = 0;
  r->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, r->message, keep_message, ignore_warning);
  if (r->png == NULL) return segfed_png_no_memory;
  r->info = png_create_info_struct(r->png);
  if (r->info == NULL) return segfed_png_no_memory;
  // Text and profiles change no sample, and libpng would inflate each to as much as 8 MB, a thousand of them.
  png_set_keep_unknown_chunks(r->png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
  return segfed_png_ok;
}

static void close_reader(reader *r) {
  free(r->raw);
  if (r->png != NULL) png_destroy_read_struct(&r->png, &r->info, NULL);
}

static void describe(reader *r, segfed_png_info *info) {
  int type = png_get_color_type(r->png, r->info);
  info->width = png_get_image_width(r->png, r->info);
  info->height = png_get_image_height(r->png, r->info);
  info->bit_depth = png_get_bit_depth(r->png, r->info);
  info->has_palette = type == PNG_COLOR_TYPE_PALETTE;
  info->has_alpha = (type & PNG_COLOR_MASK_ALPHA) != 0;
  info->channels = (type & PNG_COLOR_MASK_COLOR) != 0 ? 3 : 1;
}

static int inspect(reader *r, segfed_png_info *info) {
  if (setjmp(png_jmpbuf(r->png))) return segfed_png_damaged;
  png_set_read_fn(r->png, r, take_bytes);
  png_read_info(r->png, r->info);
  describe(r, info);
  return segfed_png_ok;
}

int segfed_png_inspect(const uint8_t *bytes, size_t count, segfed_png_info *info, char *message) {
  reader r = {.bytes = bytes, .count = count, .message = message};
  int code = open_reader(&r);
  if (code == segfed_png_ok) code = inspect(&r, info);
  close_reader(&r);
  return code;
}

static int read_rows(reader *r, int indices, size_t capacity, segfed_png_info *info) {
  if (setjmp(png_jmpbuf(r->png))) return segfed_png_damaged;
  png_set_read_fn(r->png, r, take_bytes);
  png_read_info(r->png, r->info);
  describe(r, info);
  if (info->has_palette && indices) info->channels = 1;
  if ((size_t)info->width * info->height * info->channels != capacity) return segfed_png_wrong_size;
  if (info->has_palette && !indices) {
    png_set_palette_to_rgb(r->png);
  } else if (info->bit_depth < 8) {
    png_set_packing(r->png);
  }
  png_set_strip_alpha(r->png);
  int passes = png_set_interlace_handling(r->png);
  png_read_update_info(r->png, r->info);
  size_t row_bytes = png_get_rowbytes(r->png, r->info);
  size_t sample_bytes = info->bit_depth == 16 ? 2 : 1;
  if (row_bytes != (size_t)info->width * info->channels * sample_bytes) {
    png_error(r->png, "unexpected row length");
  }
  r->raw = malloc(row_bytes * info->height);
  if (r->raw == NULL) return segfed_png_no_memory;
  // Not png_read_image: its pointers to the rows of a narrow, tall picture take more than the picture.
  for (int pass = 0; pass < passes; pass++) {
    for (size_t y = 0; y < info->height; y++) png_read_row(r->png, r->raw + y * row_bytes, NULL);
  }
  png_read_end(r->png, NULL);
  return segfed_png_ok;
}

int segfed_png_read(
    const uint8_t *bytes, size_t count, int indices, uint16_t *samples, size_t capacity, char *message) {
  reader r = {.bytes = bytes, .count = count, .message = message};
  segfed_png_info info;
  int code = open_reader(&r);
  if (code == segfed_png_ok) code = read_rows(&r, indices, capacity, &info);
  if (code == segfed_png_ok) {
    if (info.bit_depth == 16) {
      for (size_t i = 0; i < capacity; i++) samples[i] = (uint16_t)(r.raw[2 * i] << 8 | r.raw[2 * i + 1]);
    } else {
      for (size_t i = 0; i < capacity; i++) samples[i] = r.raw[i];
    }
  }
  close_reader(&r);
  return code;
}

static void put_bytes(png_structp png, png_bytep bytes, size_t count) {
  writer *w = png_get_io_ptr(png);
  if (w->count + count > w->capacity) {
    size_t larger = (w->count + count) * 2;
    uint8_t *moved = realloc(w->bytes, larger);
    if (moved == NULL) png_error(png, "no memory");
    w->bytes = moved;
    w->capacity = larger;
  }
  memcpy(w->bytes + w->count, bytes, count);
  w->count += count;
}

static void no_flush(png_structp png) { (void)png; }

static int write_rows(
    writer *w, uint32_t width, uint32_t height, int channels, int bit_depth, const uint8_t *palette,
    const uint16_t *samples) {
  if (setjmp(png_jmpbuf(w->png))) return segfed_png_damaged;
  png_set_write_fn(w->png, w, put_bytes, no_flush);
  int type = channels == 3 ? PNG_COLOR_TYPE_RGB : palette != NULL ? PNG_COLOR_TYPE_PALETTE : PNG_COLOR_TYPE_GRAY;
  png_set_IHDR(
      w->png, w->info, width, height, bit_depth, type, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
      PNG_FILTER_TYPE_DEFAULT);
  if (palette != NULL) {
    png_color colours[256];
    for (int i = 0; i < 256; i++) {
      colours[i].red = palette[3 * i];
      colours[i].green = palette[3 * i + 1];
      colours[i].blue = palette[3 * i + 2];
    }
    png_set_PLTE(w->png, w->info, colours, 256);
  }
  png_write_info(w->png, w->info);
  for (uint32_t y = 0; y < height; y++) {
    size_t row_samples = (size_t)width * (size_t)channels;
    const uint16_t *source = samples + y * row_samples;
    for (size_t x = 0; x < row_samples; x++) {
      if (bit_depth == 16) {
        w->row[2 * x] = (png_byte)(source[x] >> 8);
        w->row[2 * x + 1] = (png_byte)source[x];
      } else {
        w->row[x] = (png_byte)source[x];
      }
    }
    png_write_row(w->png, w->row);
  }
  png_write_end(w->png, NULL);
  return segfed_png_ok;
}

int segfed_png_write(
    uint32_t width, uint32_t height, int channels, int bit_depth, const uint8_t *palette,
    const uint16_t *samples, uint8_t **file, size_t *file_count, char *message) {
  writer w = {.message = message};
  message[0] = 0;
  int code = segfed_png_no_memory;
  w.row = malloc((size_t)width * (size_t)channels * 2);
  w.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, message, keep_message, ignore_warning);
  if (w.png != NULL) w.info = png_create_info_struct(w.png);
  if (w.row != NULL && w.info != NULL) {
    code = write_rows(&w, width, height, channels, bit_depth, palette, samples);
  }
  if (w.png != NULL) png_destroy_write_struct(&w.png, &w.info);
  free(w.row);
  if (code != segfed_png_ok) {
    free(w.bytes);
    return code;
  }
  *file = w.bytes;
  *file_count = w.count;
  return code;
}
