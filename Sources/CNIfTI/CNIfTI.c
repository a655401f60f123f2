#include "CNIfTI.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

// deflateInit2 is a macro and z_stream's counters are 32 bits wide: both are easier here than in Swift.

enum { gzipWindowBits = 15 + 16, memoryLevel = 9 };

static int grow(uint8_t **buffer, size_t *capacity) {
  size_t larger = *capacity * 2;
  uint8_t *moved = realloc(*buffer, larger);
  if (moved == NULL) return Z_MEM_ERROR;
  *buffer = moved;
  *capacity = larger;
  return Z_OK;
}

int segfed_gzip(
    const uint8_t *bytes, size_t count, int level, uint8_t **compressed, size_t *compressedCount) {
  z_stream stream;
  memset(&stream, 0, sizeof stream);
  int code = deflateInit2(&stream, level, Z_DEFLATED, gzipWindowBits, memoryLevel, Z_DEFAULT_STRATEGY);
  if (code != Z_OK) return code;
  size_t capacity = count / 4 + 4096, written = 0, taken = 0;
  uint8_t *buffer = malloc(capacity);
  if (buffer == NULL) {
    deflateEnd(&stream);
    return Z_MEM_ERROR;
  }
  while (code == Z_OK) {
    size_t left = count - taken, room = capacity - written;
    uInt input = left > INT_MAX ? INT_MAX : (uInt)left;
    uInt output = room > INT_MAX ? INT_MAX : (uInt)room;
    stream.next_in = (Bytef *)(bytes + taken);
    stream.avail_in = input;
    stream.next_out = buffer + written;
    stream.avail_out = output;
    code = deflate(&stream, left == input ? Z_FINISH : Z_NO_FLUSH);
    taken += input - stream.avail_in;
    written += output - stream.avail_out;
    if (code == Z_OK && written == capacity) code = grow(&buffer, &capacity);
  }
  deflateEnd(&stream);
  if (code != Z_STREAM_END) {
    free(buffer);
    return code == Z_OK ? Z_STREAM_ERROR : code;
  }
  *compressed = buffer;
  *compressedCount = written;
  return Z_OK;
}
