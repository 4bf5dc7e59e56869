// zlib and Brotli. `deflateInit2` is a macro, and `z_stream` begins with pointers to be filled in.
#include <brotli/encode.h>
#include <string.h>
#include <zlib.h>

// A run of deflate blocks (RFC 1951) that ends at a whole byte and is not the last one. Returns its size; 0 if it does not
// fit or there is no memory. `source` is only read.
static inline size_t dougong_deflate_piece(const unsigned char *source, size_t count, unsigned char *target,
                                           size_t room, int level) {
  z_stream stream;
  memset(&stream, 0, sizeof stream);
  // -15: the largest window, and nothing around the blocks.
  if (deflateInit2(&stream, level, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY) != Z_OK) return 0;
  stream.next_in = (unsigned char *)source;
  stream.avail_in = (uInt)count;
  stream.next_out = target;
  stream.avail_out = (uInt)room;
  int result = deflate(&stream, Z_SYNC_FLUSH);
  size_t written = stream.total_out;
  int isWhole = result == Z_OK && stream.avail_in == 0 && stream.avail_out > 0;
  deflateEnd(&stream);
  return isWhole ? written : 0;
}

// One gzip member (RFC 1952) without name or time. Returns its size; 0 if it does not fit in `room`
// bytes or there is no memory. `XFL` and `OS` are what zlib writes; `source` is only read.
static inline size_t dougong_gzip(const unsigned char *source, size_t count, unsigned char *target,
                                  size_t room, int level) {
  z_stream stream;
  memset(&stream, 0, sizeof stream);
  // 15: the largest window; 16: a gzip header instead of zlib's. 9: as much memory as it can use.
  if (deflateInit2(&stream, level, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) != Z_OK) return 0;
  stream.next_in = (unsigned char *)source;
  stream.avail_in = (uInt)count;
  stream.next_out = target;
  stream.avail_out = (uInt)room;
  int result = deflate(&stream, Z_FINISH);
  size_t written = stream.total_out;
  deflateEnd(&stream);
  return result == Z_STREAM_END ? written : 0;
}
