#pragma once
#include <stdint.h>
#include <string.h>
#include <zlib.h>

/// The most bytes that `zlib_pack` writes for `count` bytes.
static inline size_t zlib_pack_bound(size_t count) { return count + (count >> 8) + 256; }

/// Packs bytes into at most `room` bytes, in the format that zlib's `window_bits` names. Returns the number of bytes
/// written, or 0 when memory is short.
static inline size_t zlib_deflate(
    const uint8_t *bytes, size_t count, uint8_t *target, size_t room, int level, int window_bits, int is_last) {
  z_stream stream;
  memset(&stream, 0, sizeof stream);
  // 9 is the most memory for the table of matches, 384 KiB in all.
  if (deflateInit2(&stream, level, Z_DEFLATED, window_bits, 9, Z_DEFAULT_STRATEGY) != Z_OK) return 0;
  stream.next_in = (Bytef *)bytes;
  stream.avail_in = (uInt)count;
  stream.next_out = target;
  stream.avail_out = (uInt)room;
  int result = deflate(&stream, is_last ? Z_FINISH : Z_SYNC_FLUSH);
  int is_packed = stream.avail_in == 0 && (is_last ? result == Z_STREAM_END : result == Z_OK && stream.avail_out > 0);
  size_t written = stream.total_out;
  deflateEnd(&stream);
  return is_packed ? written : 0;
}

/// Packs bytes as blocks of a raw deflate stream (RFC 1951) that end at a byte, so that the results of several calls
/// are one stream when they follow each other. The blocks of the last call must end the stream: `is_last`. `level` is
/// zlib's, 1 to 9. `target` has `zlib_pack_bound(count)` bytes; `count` is less than 2 GiB. Returns the number of
/// bytes written, or 0 when memory is short.
static inline size_t zlib_pack(const uint8_t *bytes, size_t count, uint8_t *target, int level, int is_last) {
  // A window of 32 KiB without zlib's header.
  return zlib_deflate(bytes, count, target, zlib_pack_bound(count), level, -15, is_last);
}

/// The most bytes that `zlib_gzip` writes for `count` bytes.
static inline size_t zlib_gzip_bound(size_t count) { return zlib_pack_bound(count) + 18; }

/// Packs bytes as a complete gzip stream (RFC 1952) without a name and a time. `level` is zlib's, 1 to 9. `target` has
/// `zlib_gzip_bound(count)` bytes; `count` is less than 2 GiB. Returns the number of bytes written, or 0 when memory is
/// short.
static inline size_t zlib_gzip(const uint8_t *bytes, size_t count, uint8_t *target, int level) {
  return zlib_deflate(bytes, count, target, zlib_gzip_bound(count), level, 31, 1);
}
