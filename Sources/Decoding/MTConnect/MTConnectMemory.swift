import Telemetry

/// The last values of one device of an MTConnect agent.
struct MTConnectMemory: Equatable, Sendable {
  /// The last word of a data item that decides the state. A device has one for each path, such as each spindle.
  struct Path: Equatable, Sendable {
    var field: UInt8
    /// Hash of the data item's id.
    var item: UInt64
    /// Place of the word; ``otherWord`` if the source does not name it.
    var word: UInt8
  }

  /// An active fault or warning.
  struct Condition: Equatable, Sendable {
    /// Hash of the data item's id.
    var item: UInt64
    /// Hash of the text that tells conditions of one data item apart; 0 if there is none.
    var key: UInt64
    var isFault: Bool
    /// The code as alarms have it.
    var code: String
  }

  var reading = ReadingMemory()
  /// Whether a snapshot was read; if not, the next document is one.
  var isHeard = false
  var isAvailable = true
  /// The run of the agent by which sequence numbers count.
  var instance: UInt64 = 0
  /// Highest sequence number that was read.
  var sequence: UInt64 = 0
  /// By field, the hash of the id of the data item that gives it; 0 for none.
  var items: [UInt64] = []
  private(set) var paths: [Path] = []
  private(set) var conditions: [Condition] = []

  static let otherWord: UInt8 = 255
  /// Maximum number of paths, and of active conditions. Further ones are left out.
  static let mostPaths = 16
  static let mostConditions = 64

  /// A memory without values. Later readings come after `time`.
  init(after time: Timestamp = .distantPast) { reading.time = time }

  // MARK: Paths

  /// Sets the word of a path; nil removes the path.
  mutating func set(_ word: UInt8?, of item: UInt64, field: UInt8) {
    let place = paths.firstIndex { $0.field == field && $0.item == item }
    if let place {
      if let word { paths[place].word = word } else { paths.remove(at: place) }
    } else if let word, paths.count < Self.mostPaths {
      paths.append(Path(field: field, item: item, word: word))
    }
  }

  /// Whether an item gives a field: the first one that stated it.
  mutating func gives(_ item: UInt64, _ field: Int) -> Bool {
    while items.count <= field { items.append(0) }
    if items[field] == 0 { items[field] = item }
    return items[field] == item
  }

  // MARK: Conditions

  /// Applies a condition's state; returns whether the active conditions change.
  mutating func apply(_ level: MTConnectLevel, of item: UInt64, key: UInt64, code: String) -> Bool {
    let before = conditions
    switch level {
    case .normal, .unavailable:
      // Without a code, it holds for all of the data item.
      conditions.removeAll { $0.item == item && (key == 0 || level == .unavailable || $0.key == key) }
    case .fault, .warning:
      let condition = Condition(item: item, key: key, isFault: level == .fault, code: Self.bounded(code))
      if let place = conditions.firstIndex(where: { $0.item == item && $0.key == key }) {
        conditions[place] = condition
      } else if conditions.count < Self.mostConditions {
        conditions.append(condition)
      }
    }
    return conditions != before
  }

  /// Faults count as `levels` say; the others are warnings.
  func codes(faults: Bool, warnings: Bool) -> [String] {
    conditions.lazy.filter { $0.isFault ? faults : warnings }.map(\.code)
  }

  /// A code of at most as many bytes as alarms have.
  private static func bounded(_ code: String) -> String {
    guard code.utf8.count > StatusDecoder.longestAlarm else { return code }
    var code = code[...]
    while code.utf8.count > StatusDecoder.longestAlarm { code.removeLast() }
    return String(code)
  }

  // MARK: Coding

  func encode(into bytes: inout [UInt8]) {
    reading.encode(into: &bytes)
    bytes += [isHeard ? 1 : 0, isAvailable ? 1 : 0]
    bytes.append(number: instance)
    bytes.append(number: sequence)
    bytes.append(UInt8(truncatingIfNeeded: items.count))
    for item in items { bytes.append(number: item) }
    bytes.append(UInt8(truncatingIfNeeded: paths.count))
    for path in paths {
      bytes += [path.field, path.word]
      bytes.append(number: path.item)
    }
    bytes.append(UInt8(truncatingIfNeeded: conditions.count))
    for condition in conditions {
      bytes.append(condition.isFault ? 1 : 0)
      bytes.append(number: condition.item)
      bytes.append(number: condition.key)
      bytes.append(UInt8(truncatingIfNeeded: condition.code.utf8.count))
      bytes += condition.code.utf8
    }
  }

  /// Reads a memory; nil if the bytes are not those of one.
  init?(decoding reader: inout MTConnectStateReader) {
    guard let known = reader.take(ReadingMemory.codedBytes), let memory = ReadingMemory(decoding: known),
      let flags = reader.take(2)?.map({ $0 }), flags.allSatisfy({ $0 <= 1 }),
      let instance = reader.number(), let sequence = reader.number()
    else { return nil }
    reading = memory
    isHeard = flags[0] == 1
    isAvailable = flags[1] == 1
    self.instance = instance
    self.sequence = sequence
    guard let itemCount = reader.byte(), itemCount <= ReadingMap.mostFields else { return nil }
    for _ in 0..<itemCount {
      guard let item = reader.number() else { return nil }
      items.append(item)
    }
    guard let pathCount = reader.byte(), pathCount <= Self.mostPaths else { return nil }
    for _ in 0..<pathCount {
      guard let field = reader.byte(), let word = reader.byte(), let item = reader.number() else {
        return nil
      }
      paths.append(Path(field: field, item: item, word: word))
    }
    guard let conditionCount = reader.byte(), conditionCount <= Self.mostConditions else { return nil }
    for _ in 0..<conditionCount {
      guard let level = reader.byte(), level <= 1, let item = reader.number(), let key = reader.number(),
        let length = reader.byte(), let code = reader.take(Int(length)),
        let text = String(validating: code, as: UTF8.self)
      else { return nil }
      conditions.append(Condition(item: item, key: key, isFault: level == 1, code: text))
    }
  }
}

/// The states of a condition.
enum MTConnectLevel: String {
  case normal = "Normal"
  case warning = "Warning"
  case fault = "Fault"
  case unavailable = "Unavailable"
}

/// Reads the bytes of a stored state.
struct MTConnectStateReader {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) { rest = bytes[...] }

  var isAtEnd: Bool { rest.isEmpty }

  mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
    guard count <= rest.count else { return nil }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }

  mutating func byte() -> UInt8? { take(1)?.first }

  mutating func number() -> UInt64? { take(8)?.reversed().reduce(0) { $0 << 8 | UInt64($1) } }
}

extension [UInt8] {
  /// Appends the eight bytes of a number, the lowest first.
  fileprivate mutating func append(number: UInt64) {
    Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
  }
}

/// The memories of a source's devices, by factory. Their number is bounded like that of ``ReadingMemories``; further
/// devices are not remembered.
struct MTConnectMemories: Equatable, Sendable {
  private var factories: [[UInt8]: [UInt64: MTConnectMemory]] = [:]

  /// The memory of the device in a factory whose equipment has an FNV-1a hash.
  subscript(factory: [UInt8], device: UInt64) -> MTConnectMemory {
    get { factories[factory]?[device] ?? MTConnectMemory() }
    set {
      guard factories[factory] != nil || factories.count < ReadingMemories.mostFactories else { return }
      guard
        factories[factory]?[device] != nil
          || (factories[factory]?.count ?? 0) < ReadingMemories.mostEquipment
      else { return }
      factories[factory, default: [:]][device] = newValue
    }
  }

  /// Remembers devices by the names that a changed naming gives them.
  mutating func rename(_ changes: NameChanges) {
    for (factory, changes) in changes.factories { factories[Array(factory.utf8)]?.rename(changes) }
  }

  /// The complete state, by factory in ascending order.
  func states() -> [DecoderState] {
    factories.map { factory, memories in
      var bytes: [UInt8] = []
      for (device, memory) in memories.sorted(by: { $0.key < $1.key }) {
        bytes.append(number: device)
        memory.encode(into: &bytes)
      }
      return DecoderState(factory: String(decoding: factory, as: UTF8.self), bytes: bytes)
    }.sorted { $0.factory < $1.factory }
  }

  /// Restores the memories of a factory; throws if the state has another form.
  mutating func restore(_ state: DecoderState) throws(ReadingMemories.Malformed) {
    var reader = MTConnectStateReader(state.bytes)
    var memories: [UInt64: MTConnectMemory] = [:]
    while !reader.isAtEnd {
      guard let device = reader.number(), memories.count < ReadingMemories.mostEquipment,
        let memory = MTConnectMemory(decoding: &reader)
      else { throw ReadingMemories.Malformed() }
      memories[device] = memory
    }
    guard factories.count < ReadingMemories.mostFactories else { throw ReadingMemories.Malformed() }
    factories[Array(state.factory.utf8)] = memories
  }
}
