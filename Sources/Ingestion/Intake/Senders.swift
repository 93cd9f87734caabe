import Journal
import Storage
import Telemetry

/// All senders that were ever accepted, with their numbers in the store; and the factories that they name.
struct Senders {
  private(set) var all: [Sender]
  /// Number of senders in the store; the others are new.
  private(set) var stored: Int
  private var numbers: SenderTable
  private var factoryNumbers: [String: Int32] = [:]
  private(set) var factories: [String] = []
  /// Senders in `all` that are unknown to the register.
  private(set) var unregistered = 0
  /// Maximum number of senders that are unknown to the register.
  var limit: Int
  private var registered: Set<EquipmentKey>

  init(_ stored: [Sender], limit: Int, registered: Set<EquipmentKey>) {
    all = stored
    self.stored = stored.count
    self.limit = limit
    self.registered = registered
    numbers = SenderTable(of: all)
    unregistered = stored.count { !registered.contains($0.key) }
  }

  /// Senders that are not in the store yet.
  var new: ArraySlice<Sender> { all[stored...] }

  /// Notes that all senders are in the store.
  mutating func markStored() { stored = all.count }

  /// Takes a changed register into account.
  mutating func registerChanged(_ registered: Set<EquipmentKey>) {
    self.registered = registered
    unregistered = all.count { !registered.contains($0.key) }
  }

  /// The reason for refusing a sender beyond the limit.
  static let refusal = Rejection(.senderLimit, "limits.unregistered_senders")

  /// Returns the number of a sender; nil if it is not known.
  func number(of key: EquipmentKey) -> EquipmentNumber? { numbers.number(of: key, among: all) }

  /// Returns the number of a sender; adds it if it is new.
  ///
  /// - Parameter isReplay: whether the message is replayed. A sender that was accepted live is accepted again.
  /// - Throws: ``refusal`` if the register does not know the sender and the limit is reached.
  mutating func number(
    of key: EquipmentKey, workshop: String, isReplay: Bool
  ) throws(Rejection) -> EquipmentNumber {
    if let number = numbers.number(of: key, among: all) { return number }
    if !registered.contains(key) {
      guard isReplay || unregistered < limit else { throw Self.refusal }
      unregistered += 1
    }
    let number = EquipmentNumber(all.count)
    all.append(Sender(key: key, workshop: workshop))
    numbers.insertLast(of: all)
    return number
  }

  /// Whether all the senders are known or can be added.
  func canTake(_ keys: some Sequence<EquipmentKey>) -> Bool {
    let unknown = keys.filter { numbers.number(of: $0, among: all) == nil && !registered.contains($0) }
    return unregistered + Set(unknown).count <= max(limit, unregistered)
  }

  /// Whether a sender was accepted that the register does not know.
  func isUnregistered(_ key: EquipmentKey) -> Bool {
    !registered.contains(key) && numbers.number(of: key, among: all) != nil
  }

  /// Notes the workshop in the newest topic of a sender; returns whether it changed.
  mutating func move(_ number: EquipmentNumber, to workshop: String) -> Bool {
    guard all[Int(number)].workshop != workshop else { return false }
    all[Int(number)].workshop = workshop
    all[Int(number)].hasMoved = true
    return true
  }

  /// Notes that a sender was also heard under another workshop than that of its newest topic; returns whether this is
  /// new.
  mutating func noteElsewhere(_ number: EquipmentNumber) -> Bool {
    guard !all[Int(number)].hasMoved else { return false }
    all[Int(number)].hasMoved = true
    return true
  }

  /// The id of a factory number.
  func factoryID(_ number: Int32) -> String { factories[Int(number)] }

  /// The number of a factory id, for the journal; `BlockBuilder.noFactory` if there are more factories than a block's
  /// directory can name.
  mutating func factoryNumber(of id: String) -> Int32 {
    if let number = factoryNumbers[id] { return number }
    guard factories.count < 60_000 else { return BlockBuilder.noFactory }
    let number = Int32(factories.count)
    factories.append(id)
    factoryNumbers[id] = number
    return number
  }

  /// Forgets the factories' numbers, which are valid within one batch.
  mutating func forgetFactories() {
    factoryNumbers.removeAll()
    factories.removeAll()
  }
}

/// Finds senders by their keys, by open addressing over their array. A dictionary would store every key again.
private struct SenderTable {
  /// Number of a sender + 1; 0 is empty. The size is a power of two, at most half full.
  private var slots: ContiguousArray<UInt32>

  init(of senders: [Sender]) {
    slots = []
    rebuild(of: senders)
  }

  func number(of key: EquipmentKey, among senders: [Sender]) -> EquipmentNumber? {
    var slot = home(of: key)
    while slots[slot] != 0 {
      let number = Int(slots[slot]) - 1
      if senders[number].key == key { return EquipmentNumber(number) }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }

  /// Adds the last of `senders`; the table has all others.
  mutating func insertLast(of senders: [Sender]) {
    guard senders.count * 2 <= slots.count else { return rebuild(of: senders) }
    place(senders.count - 1, senders[senders.count - 1].key)
  }

  private mutating func rebuild(of senders: [Sender]) {
    var size = 1024
    while size < senders.count * 2 { size *= 2 }
    slots = ContiguousArray(repeating: 0, count: size)
    for (number, sender) in senders.enumerated() { place(number, sender.key) }
  }

  private mutating func place(_ number: Int, _ key: EquipmentKey) {
    var slot = home(of: key)
    while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
    slots[slot] = UInt32(number + 1)
  }

  private func home(of key: EquipmentKey) -> Int { key.hashValue & (slots.count - 1) }
}
