import Journal
import Storage
import Telemetry

/// Everyone who was ever accepted, with the number the store knows them by; and the factories they name.
struct Senders {
  private(set) var all: [Sender]
  /// How many the store has; the rest are new.
  private(set) var stored: Int
  private var numbers: SenderTable
  private var factoryNumbers: [String: Int32] = [:]
  private(set) var factories: [String] = []
  /// Those of `all` the register does not know.
  private(set) var unregistered = 0
  /// The most senders that may be unknown to the register.
  let limit: Int
  private var registered: Set<EquipmentKey>

  init(_ stored: [Sender], limit: Int, registered: Set<EquipmentKey>) {
    all = stored
    self.stored = stored.count
    self.limit = limit
    self.registered = registered
    numbers = SenderTable(of: all)
    unregistered = stored.count { !registered.contains($0.key) }
  }

  /// Senders the store has not seen.
  var new: ArraySlice<Sender> { all[stored...] }

  /// Notes that the store now has every sender.
  mutating func markStored() { stored = all.count }

  /// Takes a changed register into account.
  mutating func registerChanged(_ registered: Set<EquipmentKey>) {
    self.registered = registered
    unregistered = all.count { !registered.contains($0.key) }
  }

  /// Why a sender beyond the limit is refused.
  static let refusal = Rejection(.senderLimit, "limits.unregistered_senders")

  /// The number of a sender, which is added when it is new.
  ///
  /// - Parameter isReplay: whether the message was accepted when it was live: then it still is.
  /// - Throws: ``refusal`` when the register does not know it and there are too many such already.
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

  /// Whether senders are known or may be added together.
  func canTake(_ keys: some Sequence<EquipmentKey>) -> Bool {
    let unknown = keys.filter { numbers.number(of: $0, among: all) == nil && !registered.contains($0) }
    return unregistered + Set(unknown).count <= max(limit, unregistered)
  }

  /// Notes the workshop in the newest topic of a sender; whether it was another before.
  mutating func move(_ number: EquipmentNumber, to workshop: String) -> Bool {
    guard all[Int(number)].workshop != workshop else { return false }
    all[Int(number)].workshop = workshop
    all[Int(number)].hasMoved = true
    return true
  }

  /// Notes that a sender was also heard under another workshop than that of its newest topic; whether that is new.
  mutating func noteElsewhere(_ number: EquipmentNumber) -> Bool {
    guard !all[Int(number)].hasMoved else { return false }
    all[Int(number)].hasMoved = true
    return true
  }

  /// The id behind a factory number.
  func factoryID(_ number: Int32) -> String { factories[Int(number)] }

  /// The dense number of a factory id, for the journal; `BlockBuilder.noFactory` when there are more
  /// than a block's directory can name.
  mutating func factoryNumber(of id: String) -> Int32 {
    if let number = factoryNumbers[id] { return number }
    guard factories.count < 60_000 else { return BlockBuilder.noFactory }
    let number = Int32(factories.count)
    factories.append(id)
    factoryNumbers[id] = number
    return number
  }

  /// Forgets the factories' numbers, which mean something within a batch only.
  mutating func forgetFactories() {
    factoryNumbers.removeAll()
    factories.removeAll()
  }
}

/// Finds senders by their keys, by open addressing over their array: a dictionary would hold every key once more.
private struct SenderTable {
  /// Number of a sender + 1; 0 is empty. A power of two, at most half full.
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

  /// Takes up the last of `senders`, which has all the others.
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
