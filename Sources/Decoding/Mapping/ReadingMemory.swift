import Telemetry

/// The last values of one equipment of a source that reports changes only.
public struct ReadingMemory: Equatable, Sendable {
  /// Event time of the newest reading; `distantPast` if there was none.
  var time = Timestamp.distantPast
  /// Values of the fields in conditions; see ``StateConditions``.
  var known: UInt64 = 0
  /// Digest of the alarms.
  var alarms: UInt64 = 0
  var state: EquipmentState?
  var mode = OperatingMode.unstated

  /// A memory without values.
  public init() {}

  /// Forgets the values that decide the state.
  mutating func forgetState() {
    known = 0
    state = nil
  }

  /// Whether another memory has the same values, at any time.
  func hasValues(of other: ReadingMemory) -> Bool {
    state == other.state && known == other.known && mode == other.mode && alarms == other.alarms
  }

  /// Number of bytes of a memory in the journal.
  static let codedBytes = 26

  func encode(into bytes: inout [UInt8]) {
    for number in [UInt64(bitPattern: time.milliseconds), known, alarms] {
      withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }
    bytes.append(state?.rawValue ?? 0)
    bytes.append(mode.rawValue)
  }

  init?(decoding bytes: some Collection<UInt8>) {
    let bytes = Array(bytes)
    guard bytes.count == Self.codedBytes, let mode = OperatingMode(rawValue: bytes[25]) else { return nil }
    func number(_ at: Int) -> UInt64 {
      bytes[at..<at + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
    time = Timestamp(milliseconds: Int64(bitPattern: number(0)))
    known = number(8)
    alarms = number(16)
    state = EquipmentState(rawValue: bytes[24])
    guard bytes[24] == 0 || state != nil else { return nil }
    self.mode = mode
  }
}

/// The memories of a source's equipment, by factory. It is the state of a ``StatefulDecoder``.
///
/// Equipment is known by a 64-bit hash of its identity within the factory. The number of equipment of a factory is
/// bounded; further equipment is not remembered, so that its messages with changes only are refused.
public struct ReadingMemories: Equatable, Sendable {
  private struct Factory: Equatable, Sendable {
    var name: [UInt8]
    var memories: [UInt64: ReadingMemory] = [:]
  }

  /// Maximum number of remembered equipment of one factory.
  public static let mostEquipment = 100_000
  /// Maximum number of factories.
  public static let mostFactories = 10_000

  private var factories: ContiguousArray<Factory> = []
  private var places: [UInt64: Int] = [:]

  /// The factory of messages whose topic names none; empty if there is none.
  private let ownFactory: [UInt8]

  /// No memories. `factory`: the factory of messages whose topic names none.
  public init(factory: String? = nil) { ownFactory = Array((factory ?? "").utf8) }

  /// The memory of an equipment; empty if there is none. `factory` is an id, or empty if the topic names none;
  /// `equipment` is any text that identifies the equipment within the factory.
  public subscript(
    factory: UnsafeRawBufferPointer, equipment: UnsafeRawBufferPointer
  ) -> ReadingMemory {
    get { self[factory, hash: equipment.fnv1a] }
    set { self[factory, hash: equipment.fnv1a] = newValue }
  }

  /// The memory of the equipment whose published name has a hash; empty if there is none. `factory` is an id, or empty if
  /// the topic names none.
  subscript(factory: UnsafeRawBufferPointer, hash key: UInt64) -> ReadingMemory {
    get {
      guard let place = places[hash(of: factory)] else { return ReadingMemory() }
      return factories[place].memories[key] ?? ReadingMemory()
    }
    set {
      let place: Int
      let hash = hash(of: factory)
      if let known = places[hash] {
        place = known
      } else {
        guard factories.count < Self.mostFactories else { return }
        place = factories.count
        factories.append(Factory(name: factory.isEmpty ? ownFactory : Array(factory)))
        places[hash] = place
      }
      if factories[place].memories.count >= Self.mostEquipment, factories[place].memories[key] == nil {
        return
      }
      factories[place].memories[key] = newValue
    }
  }

  /// Remembers machines by the names that a changed naming gives them.
  mutating func rename(_ changes: NameChanges) {
    for (factory, changes) in changes.factories {
      guard let place = places[factory.fnv1a] else { continue }
      factories[place].memories.rename(changes)
    }
  }

  private func hash(of factory: UnsafeRawBufferPointer) -> UInt64 {
    factory.isEmpty ? ownFactory.withUnsafeBytes { $0.fnv1a } : factory.fnv1a
  }

  /// The complete state, by factory in ascending order.
  public func states() -> [DecoderState] {
    factories.map { factory in
      var bytes: [UInt8] = []
      bytes.reserveCapacity(factory.memories.count * (8 + ReadingMemory.codedBytes))
      for (key, memory) in factory.memories.sorted(by: { $0.key < $1.key }) {
        withUnsafeBytes(of: key.littleEndian) { bytes.append(contentsOf: $0) }
        memory.encode(into: &bytes)
      }
      return DecoderState(factory: String(decoding: factory.name, as: UTF8.self), bytes: bytes)
    }.sorted { $0.factory < $1.factory }
  }

  /// A state is not that of ``ReadingMemories``.
  public struct Malformed: Error, Equatable, CustomStringConvertible {
    public var description: String { "the remembered values of a source cannot be read" }
  }

  /// Restores the memories of a factory; throws ``Malformed`` if the state has another form.
  public mutating func restore(_ state: DecoderState) throws(Malformed) {
    let width = 8 + ReadingMemory.codedBytes
    guard state.bytes.count % width == 0, state.bytes.count / width <= Self.mostEquipment else {
      throw Malformed()
    }
    var factory = Factory(name: Array(state.factory.utf8))
    for at in stride(from: 0, to: state.bytes.count, by: width) {
      let key = state.bytes[at..<at + 8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      guard let memory = ReadingMemory(decoding: state.bytes[at + 8..<at + width]) else { throw Malformed() }
      factory.memories[key] = memory
    }
    let hash = factory.name.withUnsafeBytes { $0.fnv1a }
    if let place = places[hash] {
      factories[place] = factory
    } else {
      guard factories.count < Self.mostFactories else { throw Malformed() }
      places[hash] = factories.count
      factories.append(factory)
    }
  }
}
