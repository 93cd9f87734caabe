import Journal
import Telemetry

/// Encodes meter state that is rare as bytes: integers in base 128, zigzag; instants since 1970.
enum MeterCoding {
  /// Maximum total size of ``bytes(of:)-(MeterDoubts)`` and ``bytes(of:)-(MeterOddities)``, each with its length.
  static let maximumBytes = 2 + (1 + 3 * (1 + 5 * 10) + 3 * 10) + 2 + 5 * 10

  private struct FallFlags: OptionSet {
    let rawValue: UInt8
    static let hasSecond = FallFlags(rawValue: 1)
    static let firstOfBoot = FallFlags(rawValue: 2)
    static let secondOfBoot = FallFlags(rawValue: 4)
    static let hasLastAt = FallFlags(rawValue: 8)
    static let all: FallFlags = [.hasSecond, .firstOfBoot, .secondOfBoot, .hasLastAt]
  }

  /// In order: bits for the falling meters and for a first energy reading on this day; each fall; unpaired counts;
  /// the time of the first energy reading.
  static func bytes(of doubts: MeterDoubts) -> [UInt8] {
    var column = ByteColumn()
    let falls = [doubts.energy, doubts.good, doubts.total]
    column.append(
      falls.indices.reduce(UInt8(doubts.energyFirstAt == nil ? 0 : 8)) {
        $0 | (falls[$1] == nil ? 0 : 1 << UInt8($1))
      })
    for fall in falls.compactMap(\.self) { append(fall, to: &column) }
    column.append(signed: doubts.restGood)
    column.append(signed: doubts.restTotal)
    if let first = doubts.energyFirstAt { column.append(signed: first.milliseconds) }
    return column.bytes
  }

  private static func append(_ fall: MeterFall, to column: inout ByteColumn) {
    var flags: FallFlags = []
    if fall.second != nil { flags.insert(.hasSecond) }
    if fall.first.isFirstOfBoot { flags.insert(.firstOfBoot) }
    if fall.second?.isFirstOfBoot == true { flags.insert(.secondOfBoot) }
    if fall.lastAt != nil { flags.insert(.hasLastAt) }
    column.append(flags.rawValue)
    column.append(signed: fall.first.value)
    column.append(signed: fall.first.at.milliseconds)
    if let second = fall.second {
      column.append(signed: second.value)
      column.append(signed: second.at.milliseconds)
    }
    if let lastAt = fall.lastAt { column.append(signed: lastAt.milliseconds) }
  }

  /// Decodes ``bytes(of:)-(MeterDoubts)``.
  static func doubts(_ bytes: [UInt8]) throws(StoreError) -> MeterDoubts {
    var cursor = ByteCursor(bytes[...])
    let falling = try cursor.byte()
    guard falling < 16 else { throw ByteCursor.damage }
    var doubts = MeterDoubts()
    if falling & 1 != 0 { doubts.energy = try fall(&cursor) }
    if falling & 2 != 0 { doubts.good = try fall(&cursor) }
    if falling & 4 != 0 { doubts.total = try fall(&cursor) }
    doubts.restGood = try cursor.signed()
    doubts.restTotal = try cursor.signed()
    if falling & 8 != 0 { doubts.energyFirstAt = Timestamp(milliseconds: try cursor.signed()) }
    guard cursor.isAtEnd, doubts != MeterDoubts() else { throw ByteCursor.damage }
    return doubts
  }

  private static func fall(_ cursor: inout ByteCursor) throws(StoreError) -> MeterFall {
    let flags = FallFlags(rawValue: try cursor.byte())
    guard flags.isSubset(of: .all) else { throw ByteCursor.damage }
    func point(isFirstOfBoot: Bool) throws(StoreError) -> MeterFall.Point {
      let value = try cursor.signed()
      return MeterFall.Point(
        value: value, at: Timestamp(milliseconds: try cursor.signed()), isFirstOfBoot: isFirstOfBoot)
    }
    var fall = MeterFall(first: try point(isFirstOfBoot: flags.contains(.firstOfBoot)))
    if flags.contains(.hasSecond) {
      fall.second = try point(isFirstOfBoot: flags.contains(.secondOfBoot))
    }
    if flags.contains(.hasLastAt) { fall.lastAt = Timestamp(milliseconds: try cursor.signed()) }
    return fall
  }

  /// All numbers in order.
  static func bytes(of odd: MeterOddities) -> [UInt8] {
    var (odd, column) = (odd, ByteColumn())
    odd.code(with: &column)
    return column.bytes
  }

  /// Decodes ``bytes(of:)-(MeterOddities)``.
  static func oddities(_ bytes: [UInt8]) throws(StoreError) -> MeterOddities {
    var cursor = ByteCursor(bytes[...])
    var odd = MeterOddities()
    try odd.code(with: &cursor)
    guard cursor.isAtEnd, odd != MeterOddities() else { throw ByteCursor.damage }
    return odd
  }
}
