import Telemetry

/// Durations and sizes as people write them in the configuration and on the command line.
public enum Units {
  private static let spans: [(unit: String, milliseconds: Int64)] = [
    ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
  ]
  private static let sizes: [(unit: String, bytes: Int64)] = [
    ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1),
  ]

  /// A duration such as `100ms`, `30s`, `15m`, `2h` or `7d`; a bare `0` is no time at all. Nil for
  /// anything else: other units, fractions, signs, a number without a unit.
  public static func span(_ text: String) -> Span? {
    if text == "0" { return .zero }
    return quantity(text, units: spans.map { ($0.unit, $0.milliseconds) }).map(Span.milliseconds)
  }

  /// A size such as `512B`, `64KiB` or `1MiB` in bytes; nil for anything else.
  public static func size(_ text: String) -> Int? {
    quantity(text, units: sizes.map { ($0.unit, $0.bytes) }).flatMap(Int.init(exactly:))
  }

  /// A duration in its largest unit that divides it: `90s`, `2h`.
  public static func text(_ span: Span) -> String {
    text(span.milliseconds, units: spans.map { ($0.unit, $0.milliseconds) }, zero: "0")
  }

  /// A size in its largest unit that divides it: `64KiB`.
  public static func text(bytes: Int) -> String {
    text(Int64(bytes), units: sizes.map { ($0.unit, $0.bytes) }, zero: "0B")
  }

  private static func quantity(_ text: String, units: [(unit: String, factor: Int64)]) -> Int64? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    let unit = text.dropFirst(digits.count)
    guard let number = Int64(digits), let factor = units.first(where: { $0.unit == unit })?.factor
    else { return nil }
    let (product, overflow) = number.multipliedReportingOverflow(by: factor)
    return overflow ? nil : product
  }

  private static func text(_ value: Int64, units: [(unit: String, factor: Int64)], zero: String) -> String {
    guard value != 0 else { return zero }
    let unit = units.first { value % $0.factor == 0 } ?? ("", 1)
    return "\(value / unit.factor)\(unit.unit)"
  }
}
