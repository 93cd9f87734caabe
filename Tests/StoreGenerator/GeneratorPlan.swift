import Telemetry
import TestSupport

/// What a store is generated of: how much, of which days, from which seed. Equal plans make equal stores.
public struct GeneratorPlan: Sendable {
  public var factories: Int
  /// Register rows of each factory: machines, and a few meters and a gateway among them.
  public var equipment: Int
  public var firstDay: CalendarDay
  public var days: Int
  public var seed: UInt64

  /// A district of `factories` with `equipment` each over `days`; the year that ends on 2025-06-30 where
  /// nothing else is said, so that every clock is past it.
  public init(
    factories: Int = 179, equipment: Int = 300, firstDay: CalendarDay = CalendarDay(number: 19_905),
    days: Int = 365, seed: UInt64 = 1
  ) {
    self.factories = factories
    self.equipment = equipment
    self.firstDay = firstDay
    self.days = days
    self.seed = seed
  }

  /// Where days begin.
  public let calendar = LocalCalendar(identifier: "Asia/Shanghai") ?? .utc
  /// How long a reading vouches at least.
  public let horizonMinimum = Span.minutes(15)

  /// The days of the store.
  public var period: ClosedRange<CalendarDay> { firstDay...(firstDay + (days - 1)) }
  /// When the last day is over.
  public var end: Timestamp { calendar.start(of: firstDay + days) }
  /// The ids of the factories, ascending.
  public var factoryIDs: [String] { (1...factories).map { "F" + Self.padded($0) } }

  /// Draws of its own for one thing among many.
  func draw(_ stream: Int, of kind: UInt64) -> SeededGenerator {
    var mixer = SeededGenerator(seed: seed &+ kind &* 0x9E37_79B9)
    return SeededGenerator(seed: mixer.next() ^ (UInt64(stream) &* 0xD605_BBB5_8C8A_BBFD))
  }

  static func padded(_ number: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, 3 - text.count)) + text
  }
}

extension SeededGenerator {
  /// A number within a range.
  mutating func within(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + Int(next(UInt64(range.upperBound - range.lowerBound + 1)))
  }

  /// Whether something that happens `permille` times in a thousand happens.
  mutating func happens(_ permille: Int) -> Bool { within(0...999) < permille }
}
