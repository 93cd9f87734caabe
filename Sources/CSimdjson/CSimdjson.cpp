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

/// A wanted key of an object: its first eight bytes with zeroes after its end, as compared with prefix().
struct PathChild {
  uint64_t start;
  size_t length;
  int node;
};

/// A wanted path's last key.
struct PathNode {
  std::string key;
  int parent = -1;
  // The wanted keys below.
  std::vector<PathChild> children;
  // The node for any key or element, or -1.
  int any = -1;
  // Number of the name that keys are, or -1; of nodes for any key.
  int name = -1;
  // The place under which the value is reported, or -1.
  int place = -1;
  bool elements = false;
  bool isRecord = false;

  bool isInner() const { return isRecord || any >= 0 || !children.empty(); }
};

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
  std::vector<PathNode> nodes;
  std::vector<CSimdjsonFound> found;
  int duplicateNode = -1;

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
  bool skip(uint32_t &token, const uint8_t *document, size_t level = 1) const noexcept;
  CSimdjsonResult parse(
    const uint8_t *&document, size_t length, bool padded, dom::element &root) noexcept;
  [[gnu::always_inline]] CSimdjsonResult field(
    dom::element value, uint32_t position, const uint8_t *document, size_t length, CSimdjsonField &field)
    const noexcept;
  CSimdjsonResult walk(
    dom::element value, int node, size_t level, uint32_t &token, const uint8_t *document, size_t length,
    bool isElement = false);
  CSimdjsonResult walkObject(
    dom::object object, int node, size_t level, uint32_t &token, const uint8_t *document, size_t length);
  CSimdjsonResult walkArray(
    dom::array array, int node, size_t level, uint32_t &token, const uint8_t *document, size_t length);
  void note(CSimdjsonMark mark, int place, std::string_view text = {});
  CSimdjsonResult note(
    dom::element value, int place, uint32_t token, const uint8_t *document, size_t length);
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

/// Moves `token` from the first token of a value to the first after it. `level` is the number of containers around the
/// value. False when the value is nested deeper than allowed.
bool CSimdjsonReader::skip(uint32_t &token, const uint8_t *document, size_t level) const noexcept {
  const uint32_t *positions = parser.implementation->structural_indexes.get();
  const size_t start = level;
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
  } while (level > start);
  return true;
}

/// Describes a value whose first token is at `position`; an array without its elements.
inline CSimdjsonResult CSimdjsonReader::field(
  dom::element value, uint32_t position, const uint8_t *document, size_t length, CSimdjsonField &field)
  const noexcept {
  if (!outOfRange.empty() && std::binary_search(outOfRange.begin(), outOfRange.end(), position)) {
    field.kind = CSIMDJSON_OUT_OF_RANGE;
    return CSIMDJSON_OK;
  }
  switch (value.type()) {
    case dom::element_type::STRING: {
      std::string_view text;
      if (value.get_string().get(text)) return CSIMDJSON_MALFORMED;
      field.kind = CSIMDJSON_STRING;
      field.text = reinterpret_cast<const uint8_t *>(text.data());
      field.length = text.size();
      break;
    }
    case dom::element_type::INT64: {
      int64_t integer = 0;
      if (value.get_int64().get(integer)) return CSIMDJSON_MALFORMED;
      field.kind = CSIMDJSON_INTEGER;
      field.integer = static_cast<uint64_t>(integer);
      break;
    }
    case dom::element_type::UINT64:
      if (value.get_uint64().get(field.integer)) return CSIMDJSON_MALFORMED;
      field.kind = CSIMDJSON_UNSIGNED;
      break;
    case dom::element_type::DOUBLE: {
      const uint8_t *end = document + position;
      while (end < document + length && !endsToken(*end)) end++;
      field.kind = CSIMDJSON_DECIMAL;
      field.text = document + position;
      field.length = static_cast<size_t>(end - field.text);
      break;
    }
    case dom::element_type::NULL_VALUE: field.kind = CSIMDJSON_NULL; break;
    case dom::element_type::BOOL: {
      bool isTrue = false;
      if (value.get_bool().get(isTrue)) return CSIMDJSON_MALFORMED;
      field.kind = CSIMDJSON_BOOLEAN;
      field.integer = isTrue ? 1 : 0;
      break;
    }
    case dom::element_type::OBJECT: field.kind = CSIMDJSON_OBJECT; break;
    case dom::element_type::ARRAY: field.kind = CSIMDJSON_ARRAY; break;
  }
  return CSIMDJSON_OK;
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
    const CSimdjsonResult result = this->field(member.value, position, document, length, field);
    if (result != CSIMDJSON_OK) return result;
    if (field.kind == CSIMDJSON_ARRAY) {
      dom::array array;
      if (member.value.get_array().get(array)) return CSIMDJSON_MALFORMED;
      describe(array, field);
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
  try {
    reader->nodes.emplace_back();
  } catch (...) {
    return nullptr;
  }
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

/// Parses a document. `document` then is the text to which token positions belong.
CSimdjsonResult CSimdjsonReader::parse(
  const uint8_t *&document, size_t length, bool padded, dom::element &root) noexcept {
  if (length > capacity) return CSIMDJSON_TOO_LONG;
  // Later simdjson versions step over a byte order mark; RFC 8259, section 8.1, forbids sending one.
  if (length == 0 || document[0] == 0xEF) return CSIMDJSON_MALFORMED;
  if (!padded) {
    std::memcpy(copy.get(), document, length);
    std::memset(copy.get() + length, ' ', CSIMDJSON_PADDING);
    document = copy.get();
  }
  outOfRange.clear();
  simdjson::error_code error = parser.parse(document, length, false).get(root);
  if (error == simdjson::NUMBER_ERROR || error == simdjson::NUMBER_OUT_OF_RANGE
      || static_cast<int>(error) == simdjson::millwrightBigIntegerError) {
    if (!blankNumbersOutOfRange(document, length)) return CSIMDJSON_MALFORMED;
    document = copy.get();
    error = parser.parse(document, length, false).get(root);
  }
  return error ? verdict(error) : CSIMDJSON_OK;
}

extern "C" CSimdjsonResult csimdjson_read(
  CSimdjsonReader *reader, const uint8_t *document, size_t length, bool padded, CSimdjsonField *fields)
  noexcept {
  for (int n = 0; n < reader->keyCount; n++) fields[n] = CSimdjsonField();
  dom::element root;
  const CSimdjsonResult result = reader->parse(document, length, padded, root);
  if (result != CSIMDJSON_OK) return result;
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

void CSimdjsonReader::note(CSimdjsonMark mark, int place, std::string_view text) {
  CSimdjsonFound entry = {};
  entry.mark = mark;
  entry.place = place;
  entry.value.text = reinterpret_cast<const uint8_t *>(text.data());
  entry.value.length = text.size();
  found.push_back(entry);
}

/// Notes the value of a node with a place, whose first token is `token`; nothing if `place` is negative.
inline CSimdjsonResult CSimdjsonReader::note(
  dom::element value, int place, uint32_t token, const uint8_t *document, size_t length) {
  if (found.size() >= CSIMDJSON_MAXIMUM_FOUND) return CSIMDJSON_TOO_LONG;
  if (place < 0) return CSIMDJSON_OK;
  CSimdjsonFound &entry = found.emplace_back();
  entry.place = place;
  return field(value, parser.implementation->structural_indexes[token], document, length, entry.value);
}

/// Finds the wanted nodes in a value whose first token is `token`, which moves to the first token after it. `level` is
/// the number of containers around it. `isElement`: the value is a record because the array around it is a list.
CSimdjsonResult CSimdjsonReader::walk(
  dom::element value, int node, size_t level, uint32_t &token, const uint8_t *document, size_t length,
  bool isElement) {
  const PathNode &path = nodes[static_cast<size_t>(node)];
  const bool isArray = value.is_array();
  const bool isInner = path.isInner() && (isArray || value.is_object());
  const CSimdjsonResult noted = note(value, path.place, token, document, length);
  if (noted != CSIMDJSON_OK) return noted;
  if (!isInner && !(path.elements && isArray)) {
    return skip(token, document, level) ? CSIMDJSON_OK : CSIMDJSON_TOO_DEEP;
  }
  if (level + 1 > depth) return CSIMDJSON_TOO_DEEP;
  token++;
  CSimdjsonResult result;
  if (isArray) {
    dom::array array;
    if (value.get_array().get(array)) return CSIMDJSON_MALFORMED;
    result = walkArray(array, node, level + 1, token, document, length);
  } else {
    dom::object object;
    if (value.get_object().get(object)) return CSIMDJSON_MALFORMED;
    const bool isRecord = path.isRecord || isElement;
    if (isRecord) note(CSIMDJSON_FOUND_RECORD, 0);
    result = walkObject(object, node, level + 1, token, document, length);
    if (isRecord) note(CSIMDJSON_FOUND_END, 0);
  }
  return result;
}

/// Walks the members of an object. `token` is the first after the opening brace, and then the first after the closing.
CSimdjsonResult CSimdjsonReader::walkObject(
  dom::object object, int node, size_t level, uint32_t &token, const uint8_t *document, size_t length) {
  uint64_t seen = 0;
  bool isEmpty = true;
  for (dom::key_value_pair member : object) {
    isEmpty = false;
    token += 2;
    const PathNode &path = nodes[static_cast<size_t>(node)];
    int next = path.any;
    const size_t keyLength = member.key.size();
    const uint64_t start = prefix(member.key.data(), keyLength);
    for (size_t place = 0; place < path.children.size(); place++) {
      const PathChild &child = path.children[place];
      if (child.start != start || child.length != keyLength) continue;
      if (keyLength > sizeof start && nodes[static_cast<size_t>(child.node)].key != member.key) continue;
      next = child.node;
      const uint64_t bit = uint64_t(1) << place;
      if (seen & bit) {
        duplicateNode = next;
        return CSIMDJSON_DUPLICATE_KEY;
      }
      seen |= bit;
      break;
    }
    const bool isScalar = !member.value.is_object() && !member.value.is_array();
    if (next < 0) {
      if (!skip(token, document, level)) return CSIMDJSON_TOO_DEEP;
    } else if (isScalar && nodes[static_cast<size_t>(next)].name < 0) {
      // The most frequent case: a wanted value that is one token.
      const CSimdjsonResult result = note(member.value, nodes[static_cast<size_t>(next)].place, token, document, length);
      if (result != CSIMDJSON_OK) return result;
      token++;
    } else {
      const int name = nodes[static_cast<size_t>(next)].name;
      if (name >= 0) note(CSIMDJSON_FOUND_NAME, name, member.key);
      const CSimdjsonResult result = walk(member.value, next, level, token, document, length);
      if (result != CSIMDJSON_OK) return result;
    }
    // The comma or the closing brace.
    token++;
  }
  if (isEmpty) token++;
  return CSIMDJSON_OK;
}

/// Walks the elements of an array; see walkObject for `token`.
CSimdjsonResult CSimdjsonReader::walkArray(
  dom::array array, int node, size_t level, uint32_t &token, const uint8_t *document, size_t length) {
  const PathNode &path = nodes[static_cast<size_t>(node)];
  size_t index = 0;
  for (dom::element element : array) {
    CSimdjsonResult result = CSIMDJSON_OK;
    int next = path.any;
    if (next < 0 && !path.children.empty() && !path.isRecord) {
      const std::string key = std::to_string(index);
      for (const PathChild &child : path.children) {
        if (nodes[static_cast<size_t>(child.node)].key == key) next = child.node;
      }
    }
    if (path.elements && index < CSIMDJSON_MAXIMUM_ELEMENTS) {
      CSimdjsonFound entry = {};
      entry.mark = CSIMDJSON_FOUND_ELEMENT;
      entry.place = path.place;
      result = field(
        element, parser.implementation->structural_indexes[token], document, length, entry.value);
      found.push_back(entry);
    }
    if (result != CSIMDJSON_OK) return result;
    if (path.isRecord && element.is_object()) {
      result = walk(element, node, level, token, document, length, true);
    } else if (next >= 0 && !path.isRecord) {
      result = walk(element, next, level, token, document, length);
    } else {
      // A record that is no object has no fields.
      if (path.isRecord) {
        if (found.size() >= CSIMDJSON_MAXIMUM_FOUND) return CSIMDJSON_TOO_LONG;
        note(CSIMDJSON_FOUND_RECORD, 0);
        note(CSIMDJSON_FOUND_END, 0);
      }
      if (!skip(token, document, level)) result = CSIMDJSON_TOO_DEEP;
    }
    if (result != CSIMDJSON_OK) return result;
    token++;
    index++;
  }
  if (index == 0) token++;
  return CSIMDJSON_OK;
}

extern "C" int csimdjson_child(CSimdjsonReader *reader, int node, const uint8_t *key, size_t length) noexcept {
  try {
    auto &nodes = reader->nodes;
    if (node < 0 || static_cast<size_t>(node) >= nodes.size()) return -1;
    const std::string_view text(reinterpret_cast<const char *>(key), length);
    for (const PathChild &child : nodes[static_cast<size_t>(node)].children) {
      if (nodes[static_cast<size_t>(child.node)].key == text) return child.node;
    }
    if (nodes.size() >= CSIMDJSON_MAXIMUM_NODES
        || nodes[static_cast<size_t>(node)].children.size() >= CSIMDJSON_MAXIMUM_CHILDREN) {
      return -1;
    }
    nodes.emplace_back();
    nodes.back().key = text;
    nodes.back().parent = node;
    PathChild child = {0, length, static_cast<int>(nodes.size() - 1)};
    if (length > 0) std::memcpy(&child.start, key, std::min(length, sizeof child.start));
    nodes[static_cast<size_t>(node)].children.push_back(child);
    return child.node;
  } catch (...) {
    return -1;
  }
}

extern "C" int csimdjson_any(CSimdjsonReader *reader, int node, int name) noexcept {
  try {
    auto &nodes = reader->nodes;
    if (node < 0 || static_cast<size_t>(node) >= nodes.size()) return -1;
    int any = nodes[static_cast<size_t>(node)].any;
    if (any < 0) {
      if (nodes.size() >= CSIMDJSON_MAXIMUM_NODES) return -1;
      nodes.emplace_back();
      nodes.back().parent = node;
      any = static_cast<int>(nodes.size() - 1);
      nodes[static_cast<size_t>(node)].any = any;
    }
    if (name >= 0) nodes[static_cast<size_t>(any)].name = name;
    return any;
  } catch (...) {
    return -1;
  }
}

extern "C" void csimdjson_want_node(CSimdjsonReader *reader, int node, int place, bool elements) noexcept {
  if (node < 0 || static_cast<size_t>(node) >= reader->nodes.size()) return;
  reader->nodes[static_cast<size_t>(node)].place = place;
  reader->nodes[static_cast<size_t>(node)].elements = elements;
}

extern "C" void csimdjson_mark_record(CSimdjsonReader *reader, int node) noexcept {
  if (node < 0 || static_cast<size_t>(node) >= reader->nodes.size()) return;
  reader->nodes[static_cast<size_t>(node)].isRecord = true;
}

extern "C" CSimdjsonResult csimdjson_find(
  CSimdjsonReader *reader, const uint8_t *document, size_t length, bool padded, const CSimdjsonFound **found,
  size_t *count) noexcept {
  *found = nullptr;
  *count = 0;
  dom::element root;
  CSimdjsonResult result = reader->parse(document, length, padded, root);
  if (result != CSIMDJSON_OK) return result;
  reader->root = root;
  try {
    reader->found.clear();
    uint32_t token = 0;
    dom::array array;
    if (root.is_object()) {
      reader->note(CSIMDJSON_FOUND_DOCUMENT, 0);
      result = reader->walk(root, 0, 0, token, document, length);
    } else if (!root.get_array().get(array)) {
      if (reader->depth < 1) return CSIMDJSON_TOO_DEEP;
      token++;
      for (dom::element element : array) {
        if (reader->found.size() >= CSIMDJSON_MAXIMUM_FOUND) return CSIMDJSON_TOO_LONG;
        reader->note(CSIMDJSON_FOUND_DOCUMENT, 0);
        if (element.is_object()) {
          result = reader->walk(element, 0, 1, token, document, length);
        } else if (!reader->skip(token, document, 1)) {
          result = CSIMDJSON_TOO_DEEP;
        }
        if (result != CSIMDJSON_OK) return result;
        token++;
      }
    } else {
      return CSIMDJSON_NOT_AN_OBJECT;
    }
  } catch (...) {
    return CSIMDJSON_NO_MEMORY;
  }
  *found = reader->found.data();
  *count = reader->found.size();
  return result;
}

extern "C" int csimdjson_duplicate_node(const CSimdjsonReader *reader) noexcept {
  return reader->duplicateNode;
}

extern "C" int csimdjson_parent(const CSimdjsonReader *reader, int node) noexcept {
  if (node < 0 || static_cast<size_t>(node) >= reader->nodes.size()) return -1;
  return reader->nodes[static_cast<size_t>(node)].parent;
}

extern "C" const uint8_t *csimdjson_key(const CSimdjsonReader *reader, int node, size_t *length) noexcept {
  *length = 0;
  if (node < 0 || static_cast<size_t>(node) >= reader->nodes.size()) return nullptr;
  const std::string &key = reader->nodes[static_cast<size_t>(node)].key;
  *length = key.size();
  return reinterpret_cast<const uint8_t *>(key.data());
}
