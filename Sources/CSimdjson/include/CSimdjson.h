#pragma once

// A small C interface to simdjson's DOM parser: reads the wanted keys of a root object after the whole document was
// found to be valid JSON. It is independent of the meaning of the keys.
//
// No exception leaves these functions. Reading allocates only for documents with numbers out of range;
// csimdjson_create allocates everything else, for the largest document the reader accepts.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#define CSIMDJSON_NOEXCEPT noexcept
#else
#define CSIMDJSON_NOEXCEPT
#endif

enum {
  /// Number of bytes that must be readable after a document's end for it to be read in place.
  CSIMDJSON_PADDING = 64,
  /// Maximum number of wanted keys of a reader.
  CSIMDJSON_MAXIMUM_KEYS = 32,
  /// Maximum length of a wanted key, in bytes of UTF-8.
  CSIMDJSON_MAXIMUM_KEY_LENGTH = 31
};

/// Results of reading a document.
typedef enum {
  CSIMDJSON_OK = 0,
  /// Not a single valid JSON document in UTF-8, without a byte order mark and without further bytes.
  CSIMDJSON_MALFORMED,
  /// Valid JSON as far as it was read, but nested deeper than the reader allows.
  CSIMDJSON_TOO_DEEP,
  /// Valid JSON, but the root is not an object.
  CSIMDJSON_NOT_AN_OBJECT,
  /// A wanted key occurs more than once in the root object; csimdjson_duplicate returns it.
  CSIMDJSON_DUPLICATE_KEY,
  /// Longer than the reader's capacity.
  CSIMDJSON_TOO_LONG,
  /// Memory for the entries found is short.
  CSIMDJSON_NO_MEMORY
} CSimdjsonResult;

/// The kind of a wanted key's value.
typedef enum {
  CSIMDJSON_ABSENT = 0,
  CSIMDJSON_NULL,
  CSIMDJSON_BOOLEAN,
  /// A number without fraction or exponent that fits int64_t.
  CSIMDJSON_INTEGER,
  /// A number without fraction or exponent above INT64_MAX that fits uint64_t.
  CSIMDJSON_UNSIGNED,
  /// A number with a fraction or an exponent.
  CSIMDJSON_DECIMAL,
  CSIMDJSON_STRING,
  /// An array whose elements, if any, are all strings.
  CSIMDJSON_STRINGS,
  /// Any other array.
  CSIMDJSON_ARRAY,
  CSIMDJSON_OBJECT,
  /// A well-formed number beyond 64-bit integers and doubles.
  CSIMDJSON_OUT_OF_RANGE
} CSimdjsonKind;

/// The value of one wanted key; valid until the next read with the same reader and, for decimals, as long as the
/// document's bytes.
typedef struct {
  /// Strings: the text with escapes resolved. Decimals: the number as written. Otherwise NULL.
  const uint8_t *text;
  /// Number of bytes at `text`. CSIMDJSON_STRINGS: number of strings.
  size_t length;
  /// CSIMDJSON_INTEGER: the value in two's complement. CSIMDJSON_UNSIGNED: the value.
  /// CSIMDJSON_BOOLEAN: 1 or 0. CSIMDJSON_STRINGS: the sum of
  /// their FNV-1a digests, which does not depend on their order. Otherwise 0.
  uint64_t integer;
  CSimdjsonKind kind;
} CSimdjsonField;

typedef struct CSimdjsonReader CSimdjsonReader;

/// Returns a reader of documents up to `capacity` bytes and `depth` nested containers (the root counts as one); NULL
/// if memory is short or simdjson cannot index the capacity (4 GiB).
CSimdjsonReader *csimdjson_create(size_t capacity, size_t depth) CSIMDJSON_NOEXCEPT;

/// Frees a reader; NULL is allowed.
void csimdjson_destroy(CSimdjsonReader *reader) CSIMDJSON_NOEXCEPT;

/// Adds a wanted key and returns its number (0, 1, …), which is its place in the fields read; -1 if the key is too
/// long or already wanted, or there are too many.
int csimdjson_want(CSimdjsonReader *reader, const uint8_t *key, size_t length) CSIMDJSON_NOEXCEPT;

/// Reads a document. On CSIMDJSON_OK `fields[n]` is the value of wanted key n; otherwise `fields` is
/// unspecified. Keys are compared with escapes resolved.
///
/// With `padded`, CSIMDJSON_PADDING bytes after the document's end must be readable, with any content; the document
/// is then read in place, and no byte beyond them is read. Otherwise it is copied first, and no byte beyond its end
/// is read.
CSimdjsonResult csimdjson_read(
  CSimdjsonReader *reader, const uint8_t *document, size_t length, bool padded, CSimdjsonField *fields)
  CSIMDJSON_NOEXCEPT;

/// After CSIMDJSON_DUPLICATE_KEY: the number of the key.
int csimdjson_duplicate(const CSimdjsonReader *reader) CSIMDJSON_NOEXCEPT;

/// Calls `body` with each string of the array that is the value of a key of the last document read, in order, until
/// it returns false. Does nothing if there is no such array; other elements are skipped.
void csimdjson_strings(
  const CSimdjsonReader *reader, const uint8_t *key, size_t key_length, void *context,
  bool (*body)(void *context, const uint8_t *text, size_t length)) CSIMDJSON_NOEXCEPT;

/// Calls `body` with each key of the root object of the last document read, in order, until it returns false.
void csimdjson_keys(
  const CSimdjsonReader *reader, void *context,
  bool (*body)(void *context, const uint8_t *text, size_t length)) CSIMDJSON_NOEXCEPT;

// Paths: values anywhere in a document. The wanted paths are a tree of nodes; node 0 is the root of the document. An
// array at the root is a list of documents.

enum {
  /// Maximum number of nodes.
  CSIMDJSON_MAXIMUM_NODES = 512,
  /// Maximum number of children of a node, the one for any key not counted.
  CSIMDJSON_MAXIMUM_CHILDREN = 64,
  /// Maximum number of elements of an array that are reported.
  CSIMDJSON_MAXIMUM_ELEMENTS = 257,
  /// Number of entries beyond which a document is too long.
  CSIMDJSON_MAXIMUM_FOUND = 500000
};

/// Kinds of entries found.
typedef enum {
  /// The value of the node with `place`. Arrays and objects have no text.
  CSIMDJSON_FOUND_VALUE = 0,
  /// An element of the array that is the value of `place`; follows that value.
  CSIMDJSON_FOUND_ELEMENT,
  /// The key of an object, as a name; `place` is the number of the name.
  CSIMDJSON_FOUND_NAME,
  /// Values up to the next END are of one record.
  CSIMDJSON_FOUND_RECORD,
  CSIMDJSON_FOUND_END,
  /// The beginning of a document; several in an array at the root.
  CSIMDJSON_FOUND_DOCUMENT
} CSimdjsonMark;

/// An entry found, in the order of the document. Its value is valid until the next read with the same reader and, for
/// decimals, as long as the document's bytes.
typedef struct {
  CSimdjsonField value;
  int32_t place;
  CSimdjsonMark mark;
} CSimdjsonFound;

/// Returns the child of a node for a key of an object, which on an array is the index of an element; creates it if
/// there is none. -1 if there are too many, or memory is short.
int csimdjson_child(CSimdjsonReader *reader, int node, const uint8_t *key, size_t length) CSIMDJSON_NOEXCEPT;

/// Returns the child of a node for any key or element; creates it if there is none, -1 if there are too many. Keys
/// are reported as names with number `name` unless that is negative.
int csimdjson_any(CSimdjsonReader *reader, int node, int name) CSIMDJSON_NOEXCEPT;

/// Wants the value of a node, reported with `place`; with `elements` also the first elements of an array.
void csimdjson_want_node(CSimdjsonReader *reader, int node, int place, bool elements) CSIMDJSON_NOEXCEPT;

/// Marks a node as a record. An array there is a list of records.
void csimdjson_mark_record(CSimdjsonReader *reader, int node) CSIMDJSON_NOEXCEPT;

/// Reads a document and finds the wanted nodes; see csimdjson_read for `padded`. On CSIMDJSON_OK `found` and `count` are
/// the entries; they are valid until the next read.
CSimdjsonResult csimdjson_find(
  CSimdjsonReader *reader, const uint8_t *document, size_t length, bool padded, const CSimdjsonFound **found,
  size_t *count) CSIMDJSON_NOEXCEPT;

/// After CSIMDJSON_DUPLICATE_KEY from csimdjson_find: the node whose key occurs more than once in one object.
int csimdjson_duplicate_node(const CSimdjsonReader *reader) CSIMDJSON_NOEXCEPT;

/// The node above a node; -1 for the root.
int csimdjson_parent(const CSimdjsonReader *reader, int node) CSIMDJSON_NOEXCEPT;

/// The key of a node, valid as long as the reader; empty for any key.
const uint8_t *csimdjson_key(const CSimdjsonReader *reader, int node, size_t *length) CSIMDJSON_NOEXCEPT;

#ifdef __cplusplus
}
#endif
