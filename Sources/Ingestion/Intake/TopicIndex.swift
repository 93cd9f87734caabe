import Decoding
import Glibc

/// The result of parsing a topic, so that each topic is parsed once.
struct TopicEntry {
  let route: Route
  /// Number of the factory in the topic, for the journal's sections.
  var factory: Int32
  /// Number of the sender in the topic; -1 until a message of it is accepted.
  var sender: Int32
}

/// Finds the ``TopicEntry`` of topic bytes by open addressing over an arena, without String and without allocation.
/// The hash of a topic is that of ``ContentHash``. Topics of one source with names of the same lengths share their
/// route.
struct TopicIndex {
  private var arena: ContiguousArray<UInt8> = []
  private var held: ContiguousArray<Held> = []
  /// Index into `held` + 1; 0 is empty. The size is a power of two, at most half full.
  private var table = ContiguousArray<UInt32>(repeating: 0, count: 1024)

  /// A topic's position in the arena, and the upper bits of its hash, which exclude most other topics.
  private struct Held {
    var offset: UInt32
    var length: UInt16
    var tag: UInt16
    var route: Int32
    var factory: Int32
    var sender: Int32
  }
  private var routes: ContiguousArray<Route> = []
  private var routePlaces: [Route: Int32] = [:]

  /// Number of topics held.
  var count: Int { held.count }

  /// The place of `topic`; nil if it is not held.
  func find(_ topic: UnsafeRawBufferPointer, hash: UInt64) -> Int? {
    let mask = table.count - 1
    var slot = Int(truncatingIfNeeded: hash >> 7) & mask
    while table[slot] != 0 {
      let place = Int(table[slot]) - 1
      if held[place].tag == Self.tag(hash), Int(held[place].length) == topic.count,
        matches(topic, at: Int(held[place].offset))
      {
        return place
      }
      slot = (slot + 1) & mask
    }
    return nil
  }

  subscript(place: Int) -> TopicEntry {
    TopicEntry(
      route: routes[Int(held[place].route)], factory: held[place].factory, sender: held[place].sender)
  }

  /// Notes the sender of the topic at `place`.
  mutating func setSender(_ sender: Int32, at place: Int) { held[place].sender = sender }

  /// Adds a topic that is not held yet; returns its place.
  mutating func insert(_ topic: UnsafeRawBufferPointer, hash: UInt64, _ entry: TopicEntry) -> Int {
    if held.count * 2 >= table.count { grow() }
    held.append(
      Held(
        offset: UInt32(arena.count), length: UInt16(topic.count), tag: Self.tag(hash),
        route: routePlace(of: entry.route), factory: entry.factory, sender: entry.sender))
    arena.append(contentsOf: topic)
    place(held.count - 1, hash)
    return held.count - 1
  }

  /// The workshop in the topic at `place`; empty if it names none.
  func workshop(at place: Int) -> String {
    let range = routes[Int(held[place].route)].levels.workshop
    let offset = Int(held[place].offset) + Int(range.offset)
    return String(decoding: arena[offset..<offset + Int(range.length)], as: UTF8.self)
  }

  /// Removes all topics.
  mutating func removeAll() { self = TopicIndex() }

  private func matches(_ topic: UnsafeRawBufferPointer, at offset: Int) -> Bool {
    guard let start = topic.baseAddress else { return true }
    return arena.withUnsafeBytes { arena in
      arena.baseAddress.map { memcmp($0 + offset, start, topic.count) == 0 } ?? false
    }
  }

  private mutating func routePlace(of route: Route) -> Int32 {
    if let place = routePlaces[route] { return place }
    let place = Int32(routes.count)
    routes.append(route)
    routePlaces[route] = place
    return place
  }

  private static func tag(_ hash: UInt64) -> UInt16 { UInt16(truncatingIfNeeded: hash >> 48) }

  private mutating func place(_ index: Int, _ hash: UInt64) {
    let mask = table.count - 1
    var slot = Int(truncatingIfNeeded: hash >> 7) & mask
    while table[slot] != 0 { slot = (slot + 1) & mask }
    table[slot] = UInt32(index + 1)
  }

  private mutating func grow() {
    table = ContiguousArray(repeating: 0, count: table.count * 2)
    for index in held.indices {
      let from = Int(held[index].offset)
      let hash = arena.withUnsafeBytes { arena in
        ContentHash.of(UnsafeRawBufferPointer(rebasing: arena[from..<from + Int(held[index].length)]))
      }
      place(index, hash)
    }
  }
}
