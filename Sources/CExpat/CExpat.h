#pragma once
#include <expat.h>
#include <stdint.h>

// From 2.8 on, positions have functions of 64 bits of their own, and those before them are deprecated.
#if XML_MAJOR_VERSION > 2 || (XML_MAJOR_VERSION == 2 && XML_MINOR_VERSION >= 8)
#define EXPAT_HAS_WIDE_POSITIONS 1
#endif

/// Offset of the first byte of the current event from the beginning of the document, in bytes.
static inline int64_t expat_byte_index(XML_Parser parser) {
#ifdef EXPAT_HAS_WIDE_POSITIONS
  return XML_GetCurrentByteIndex64(parser);
#else
  return XML_GetCurrentByteIndex(parser);
#endif
}

/// Number of bytes of the current event.
static inline int64_t expat_byte_count(XML_Parser parser) {
#ifdef EXPAT_HAS_WIDE_POSITIONS
  return (int64_t)XML_GetCurrentByteCount64(parser);
#else
  return XML_GetCurrentByteCount(parser);
#endif
}
