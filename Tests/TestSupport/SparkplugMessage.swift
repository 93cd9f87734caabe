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
