/// Payloads of Sparkplug messages as tests write them: fields of Protocol Buffers by number.
public enum SparkplugMessage {
  /// A payload with a time in milliseconds UTC, metrics and, if it has one, a sequence number.
  public static func payload(at milliseconds: Int64, seq: UInt8?, _ metrics: [[UInt8]] = []) -> [UInt8] {
    var bytes = varint(1 << 3) + varint(UInt64(milliseconds))
    for metric in metrics { bytes += field(2, metric) }
    if let seq { bytes += varint(3 << 3) + varint(UInt64(seq)) }
    return bytes
  }

  /// A metric with text; without a name in data.
  public static func text(_ name: String?, alias: UInt64, _ value: String) -> [UInt8] {
    (name.map { field(1, Array($0.utf8)) } ?? []) + varint(2 << 3) + varint(alias)
      + field(15, Array(value.utf8))
  }

  /// A metric with a number by its alias. `historical`: the time in milliseconds UTC of a value of the past.
  public static func number(alias: UInt64, _ value: UInt64, historical: Int64? = nil) -> [UInt8] {
    varint(2 << 3) + varint(alias)
      + (historical.map { varint(3 << 3) + varint(UInt64($0)) + varint(5 << 3) + [1] } ?? [])
      + varint(11 << 3) + varint(value)
  }

  /// A metric with text of the past by its alias.
  public static func text(alias: UInt64, _ value: String, historical: Int64) -> [UInt8] {
    varint(2 << 3) + varint(alias) + varint(3 << 3) + varint(UInt64(historical)) + varint(5 << 3) + [1]
      + field(15, Array(value.utf8))
  }

  /// A metric of a birth that names the number of an alias.
  public static func number(_ name: String, alias: UInt64, _ value: UInt64) -> [UInt8] {
    field(1, Array(name.utf8)) + varint(2 << 3) + varint(alias) + varint(4 << 3) + varint(8)
      + varint(11 << 3) + varint(value)
  }

  /// The metric `bdSeq`.
  public static func session(_ number: UInt64) -> [UInt8] {
    field(1, Array("bdSeq".utf8)) + varint(11 << 3) + varint(number)
  }

  private static func field(_ number: UInt64, _ content: [UInt8]) -> [UInt8] {
    varint(number << 3 | 2) + varint(UInt64(content.count)) + content
  }

  private static func varint(_ value: UInt64) -> [UInt8] {
    var (rest, bytes): (UInt64, [UInt8]) = (value, [])
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }
}
