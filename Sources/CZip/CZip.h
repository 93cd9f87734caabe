#pragma once
#include <stdlib.h>
#include <string.h>
#include <zip.h>

/// Opens an archive whose bytes are in memory. They are copied. NULL when they are no archive or memory is short.
static inline zip_t *zip_open_bytes(const void *bytes, size_t count) {
  void *copy = malloc(count == 0 ? 1 : count);
  if (copy == NULL) return NULL;
  memcpy(copy, bytes, count);
  zip_source_t *source = zip_source_buffer_create(copy, count, 1, NULL);
  if (source == NULL) {
    free(copy);
    return NULL;
  }
  zip_t *archive = zip_open_from_source(source, ZIP_RDONLY, NULL);
  if (archive == NULL) zip_source_free(source);
  return archive;
}
