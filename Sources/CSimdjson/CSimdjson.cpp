#include "CSimdjson.h"

#define SIMDJSON_EXCEPTIONS 0
#include <simdjson.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <vector>

namespace dom = simdjson::dom;

// simdjson 3.8 has a separate error for integers beyond 64 bits. With an earlier version, the name below is this
// constant, which no call returns: names are looked up in the enclosing namespace first.
static constexpr int BIGINT_ERROR = -1;
namespace simdjson {
static constexpr int millwrightBigIntegerError = BIGINT_ERROR;
}

static_assert(CSIMDJSON_PADDING >= simdjson::SIMDJSON_PADDING, "documents need more padding than promised");

namespace {

struct WantedKey {
  // Zeroes after its end.
  char text[CSIMDJSON_MAXIMUM_KEY_LENGTH + 1];
  // The next wanted key of the same length, or -1.
  int8_t next;
};

/// The first eight bytes at `text`, with those from `length` on zeroed. simdjson's string buffer, where keys
/// stand, is readable well beyond its last string.
uint64_t prefix(const char *text, size_t length) {
  uint64_t word;
  std::memcpy(&word, text, sizeof word);
  static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the first byte must be the lowest");
  return length >= sizeof word ? word : word & ((uint64_t(1) << (8 * length)) - 1);
}

bool isDigit(uint8_t byte) { return byte >= '0' && byte <= '9'; }

/// Whether a byte can follow a number: a comma, a closing bracket or white space (simdjson has refused other
/// control characters).
bool endsToken(uint8_t byte) { return byte <= ' ' || byte == ',' || byte == '}' || byte == ']'; }

/// Whether the token at `at` is a number by RFC 8259, section 6, whatever its magnitude.
bool isNumber(const uint8_t *at, const uint8_t *end) {
  const auto digits = [&] {
    const uint8_t *start = at;
    while (at < end && isDigit(*at)) at++;
    return at > start;
  };
  if (at < end && *at == '-') at++;
  if (at < end && *at == '0') {
    at++;
  } else if (!digits()) {
    return false;
  }
  if (at < end && *at == '.') {
    at++;
    if (!digits()) return false;
  }
  if (at < end && (*at == 'e' || *at == 'E')) {
    at++;
    if (at < end && (*at == '+' || *at == '-')) at++;
    if (!digits()) return false;
  }
  return at == end || endsToken(*at);
}

/// Whether the valid number at `at` is beyond uint64_t and int64_t, or beyond doubles if it has a fraction or an
/// exponent.
bool isOutOfRange(const uint8_t *at, const uint8_t *end) {
  const uint8_t *start = at;
  bool isDecimal = false;
  while (at < end && !endsToken(*at)) {
    isDecimal = isDecimal || *at == '.' || *at == 'e' || *at == 'E';
    at++;
  }
  const std::string text(reinterpret_cast<const char *>(start), static_cast<size_t>(at - start));
  errno = 0;
  if (isDecimal) return std::isinf(std::strtod(text.c_str(), nullptr));
  if (text[0] == '-') {
    std::strtoll(text.c_str(), nullptr, 10);
  } else {
    std::strtoull(text.c_str(), nullptr, 10);
  }
  return errno == ERANGE;
}

uint64_t digest(std::string_view text) {
  uint64_t hash = 0xCBF29CE484222325;
  for (const char byte : text) hash = (hash ^ static_cast<uint8_t>(byte)) * 0x100000001B3;
  return hash;
}

// Notes the kind of an array, and of strings how many there are and the sum of their digests.
void describe(dom::array array, CSimdjsonField &field) {
  field.kind = CSIMDJSON_STRINGS;
  for (dom::element element : array) {
    std::string_view text;
    if (element.get_string().get(text)) {
      field.kind = CSIMDJSON_ARRAY;
      field.length = 0;
      field.integer = 0;
      return;
    }
    field.length++;
    field.integer += digest(text);
  }
}

}  // namespace

struct CSimdjsonReader {
  dom::parser parser;
  std::unique_ptr<uint8_t[]> copy;
  size_t capacity = 0;
  size_t depth = 0;
  WantedKey keys[CSIMDJSON_MAXIMUM_KEYS];
  int keyCount = 0;
  // By length: the first wanted key, or -1.
  int8_t firstOfLength[CSIMDJSON_MAXIMUM_KEY_LENGTH + 1];
  int duplicate = -1;
  // Offsets of the numbers out of range in the last document, ascending.
  std::vector<uint32_t> outOfRange;
  // The document read last; valid as long as the parser keeps it.
  dom::element root;

  int find(const char *key, size_t length) const noexcept {
    if (length > CSIMDJSON_MAXIMUM_KEY_LENGTH) return -1;
    int n = firstOfLength[length];
    if (n < 0) return n;
    const uint64_t start = prefix(key, length);
    while (n >= 0 && (start != prefix(keys[n].text, 8)
                      || (length > 8 && std::memcmp(keys[n].text + 8, key + 8, length - 8) != 0))) {
      n = keys[n].next;
    }
    return n;
  }

  CSimdjsonResult verdict(simdjson::error_code error) const noexcept;
  bool blankNumbersOutOfRange(const uint8_t *document, size_t length) noexcept;
  CSimdjsonResult collect(
    dom::object root, const uint8_t *document, size_t length, CSimdjsonField *fields) noexcept;
  bool skip(uint32_t &token, const uint8_t *document) const noexcept;
};

/// The result for a parser's error: the fault of the document.
CSimdjsonResult CSimdjsonReader::verdict(simdjson::error_code error) const noexcept {
  switch (error) {
    case simdjson::DEPTH_ERROR: return CSIMDJSON_TOO_DEEP;
    case simdjson::CAPACITY: return CSIMDJSON_TOO_LONG;
    default: return CSIMDJSON_MALFORMED;
  }
}

/// Copies a document that simdjson refused for a number, replaces every number that is valid but out of range with an
/// empty object, and notes its place. simdjson has one code for malformed numbers and numbers out of range: returns
/// false when there is a malformed one, none out of range, or memory is short. A number out of range has five bytes
/// or more.
bool CSimdjsonReader::blankNumbersOutOfRange(const uint8_t *document, size_t length) noexcept {
  const auto &tokens = *parser.implementation;
  try {
    outOfRange.clear();
    for (uint32_t i = 0; i < tokens.n_structural_indexes; i++) {
      const uint8_t *at = document + tokens.structural_indexes[i];
      if (*at != '-' && !isDigit(*at)) continue;
      if (!isNumber(at, document + length)) return false;
      if (isOutOfRange(at, document + length)) outOfRange.push_back(tokens.structural_indexes[i]);
    }
  } catch (...) {
    return false;
  }
  if (outOfRange.empty()) return false;
  if (document != copy.get()) {
    std::memcpy(copy.get(), document, length);
    std::memset(copy.get() + length, ' ', CSIMDJSON_PADDING);
  }
  for (const uint32_t position : outOfRange) {
    uint8_t *at = copy.get() + position;
    *at++ = '{';
    *at++ = '}';
    while (at < copy.get() + length && !endsToken(*at)) *at++ = ' ';
  }
  return true;
}

/// Moves `token` from the first token of a value in the root object to the first after it. False when the
/// value is nested deeper than allowed.
bool CSimdjsonReader::skip(uint32_t &token, const uint8_t *document) const noexcept {
  const uint32_t *positions = parser.implementation->structural_indexes.get();
  size_t level = 1;
  do {
    switch (document[positions[token++]]) {
      case '{':
      case '[':
        if (++level > depth) return false;
        break;
      case '}':
      case ']': level--; break;
      default: break;
    }
  } while (level > 1);
  return true;
}

/// Walks the root object along simdjson's tape, which has the values, and its token positions, which have
/// the numbers as written: a double has lost the digits that exact thousandths need.
CSimdjsonResult CSimdjsonReader::collect(
  dom::object root, const uint8_t *document, size_t length, CSimdjsonField *fields) noexcept {
  const uint32_t *positions = parser.implementation->structural_indexes.get();
  // Tokens: the opening brace, then key, colon, value…, comma for each member.
  uint32_t token = 1;
  for (dom::key_value_pair member : root) {
    token += 2;
    const uint32_t position = positions[token];
    if (!skip(token, document)) return CSIMDJSON_TOO_DEEP;
    token++;

    const int n = find(member.key.data(), member.key.size());
    if (n < 0) continue;
    CSimdjsonField &field = fields[n];
    if (field.kind != CSIMDJSON_ABSENT) {
      duplicate = n;
      return CSIMDJSON_DUPLICATE_KEY;
    }
    if (!outOfRange.empty() && std::binary_search(outOfRange.begin(), outOfRange.end(), position)) {
      field.kind = CSIMDJSON_OUT_OF_RANGE;
      continue;
    }
    switch (member.value.type()) {
      case dom::element_type::STRING: {
        std::string_view text;
        if (member.value.get_string().get(text)) return CSIMDJSON_MALFORMED;
        field.kind = CSIMDJSON_STRING;
        field.text = reinterpret_cast<const uint8_t *>(text.data());
        field.length = text.size();
        continue;
      }
      case dom::element_type::INT64: {
        int64_t value = 0;
        if (member.value.get_int64().get(value)) return CSIMDJSON_MALFORMED;
        field.kind = CSIMDJSON_INTEGER;
        field.integer = static_cast<uint64_t>(value);
        continue;
      }
      case dom::element_type::UINT64:
        if (member.value.get_uint64().get(field.integer)) return CSIMDJSON_MALFORMED;
        field.kind = CSIMDJSON_UNSIGNED;
        continue;
      case dom::element_type::DOUBLE: {
        const uint8_t *end = document + position;
        while (end < document + length && !endsToken(*end)) end++;
        field.kind = CSIMDJSON_DECIMAL;
        field.text = document + position;
        field.length = static_cast<size_t>(end - field.text);
        continue;
      }
      case dom::element_type::NULL_VALUE: field.kind = CSIMDJSON_NULL; continue;
      case dom::element_type::BOOL: field.kind = CSIMDJSON_BOOLEAN; continue;
      case dom::element_type::OBJECT: field.kind = CSIMDJSON_OBJECT; continue;
      case dom::element_type::ARRAY: {
        dom::array array;
        if (member.value.get_array().get(array)) return CSIMDJSON_MALFORMED;
        describe(array, field);
        continue;
      }
    }
  }
  return CSIMDJSON_OK;
}

extern "C" CSimdjsonReader *csimdjson_create(size_t capacity, size_t depth) noexcept {
  if (capacity > simdjson::SIMDJSON_MAXSIZE_BYTES - CSIMDJSON_PADDING || depth > capacity + 1) return nullptr;
  std::unique_ptr<CSimdjsonReader> reader(new (std::nothrow) CSimdjsonReader);
  if (!reader) return nullptr;
  reader->capacity = capacity;
  reader->depth = depth;
  std::fill(std::begin(reader->firstOfLength), std::end(reader->firstOfLength), int8_t(-1));

  // simdjson rounds small documents up to its own minimum; allocating at least that keeps it from
  // allocating again. Its depth check does not see empty containers: skip() has the last word.
  const size_t room = std::max<size_t>(capacity, 64);
  if (reader->parser.allocate(room, depth + 2) || reader->parser.doc.allocate(room)) return nullptr;
  reader->copy.reset(new (std::nothrow) uint8_t[room + CSIMDJSON_PADDING]);
  if (!reader->copy) return nullptr;
  return reader.release();
}

extern "C" void csimdjson_destroy(CSimdjsonReader *reader) noexcept { delete reader; }

extern "C" int csimdjson_want(CSimdjsonReader *reader, const uint8_t *key, size_t length) noexcept {
  if (length > CSIMDJSON_MAXIMUM_KEY_LENGTH || reader->keyCount == CSIMDJSON_MAXIMUM_KEYS) return -1;
  WantedKey wanted = {};
  std::memcpy(wanted.text, key, length);
  if (reader->find(wanted.text, length) >= 0) return -1;
  const int n = reader->keyCount++;
  wanted.next = reader->firstOfLength[length];
  reader->keys[n] = wanted;
  reader->firstOfLength[length] = static_cast<int8_t>(n);
  return n;
}

extern "C" CSimdjsonResult csimdjson_read(
  CSimdjsonReader *reader, const uint8_t *document, size_t length, bool padded, CSimdjsonField *fields)
  noexcept {
  if (length > reader->capacity) return CSIMDJSON_TOO_LONG;
  // Later simdjson versions step over a byte order mark; RFC 8259, section 8.1, forbids sending one.
  if (length == 0 || document[0] == 0xEF) return CSIMDJSON_MALFORMED;
  if (!padded) {
    std::memcpy(reader->copy.get(), document, length);
    std::memset(reader->copy.get() + length, ' ', CSIMDJSON_PADDING);
    document = reader->copy.get();
  }
  for (int n = 0; n < reader->keyCount; n++) fields[n] = CSimdjsonField();
  dom::element root;
  reader->outOfRange.clear();
  simdjson::error_code error = reader->parser.parse(document, length, false).get(root);
  if (error == simdjson::NUMBER_ERROR || error == simdjson::NUMBER_OUT_OF_RANGE
      || static_cast<int>(error) == simdjson::millwrightBigIntegerError) {
    if (!reader->blankNumbersOutOfRange(document, length)) return CSIMDJSON_MALFORMED;
    document = reader->copy.get();
    error = reader->parser.parse(document, length, false).get(root);
  }
  if (error) return reader->verdict(error);
  reader->root = root;
  dom::object object;
  if (root.get_object().get(object)) return CSIMDJSON_NOT_AN_OBJECT;
  if (reader->depth < 1) return CSIMDJSON_TOO_DEEP;
  return reader->collect(object, document, length, fields);
}

extern "C" int csimdjson_duplicate(const CSimdjsonReader *reader) noexcept {
  return reader->duplicate;
}

extern "C" void csimdjson_strings(
  const CSimdjsonReader *reader, const uint8_t *key, size_t keyLength, void *context,
  bool (*body)(void *context, const uint8_t *text, size_t length)) noexcept {
  dom::array array;
  const std::string_view name(reinterpret_cast<const char *>(key), keyLength);
  if (reader->root[name].get_array().get(array)) return;
  for (dom::element element : array) {
    std::string_view text;
    if (element.get_string().get(text)) continue;
    if (!body(context, reinterpret_cast<const uint8_t *>(text.data()), text.size())) return;
  }
}

extern "C" void csimdjson_keys(
  const CSimdjsonReader *reader, void *context,
  bool (*body)(void *context, const uint8_t *text, size_t length)) noexcept {
  dom::object object;
  if (reader->root.get_object().get(object)) return;
  for (dom::key_value_pair member : object) {
    if (!body(context, reinterpret_cast<const uint8_t *>(member.key.data()), member.key.size())) return;
  }
}
