/// Numbers kept in thousandths, as text.
public enum Thousandths {
  /// The number in full: 1523250 as `1523.25`, without zeros behind the last digit.
  public static func text(_ thousandths: Int64) -> String {
    var text = (thousandths < 0 ? "-" : "") + String(thousandths.magnitude / 1000)
    var fraction = String(thousandths.magnitude % 1000)
    guard fraction != "0" else { return text }
    fraction = String(repeating: "0", count: 3 - fraction.count) + fraction
    while fraction.last == "0" { fraction.removeLast() }
    text += "." + fraction
    return text
  }

  /// The number a text writes with at most three decimals, such as `100000` or `9999.9`; nil for anything else.
  @inlinable public static func value(_ text: some StringProtocol) -> Int64? {
    var value: Int64 = 0
    var wholeDigits = 0
    // Number of digits behind the point; nil before it.
    var decimals: Int?
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39:
        if let places = decimals { decimals = places + 1 } else { wholeDigits += 1 }
        guard wholeDigits <= 15, decimals ?? 0 <= 3 else { return nil }
        value = value * 10 + Int64(byte - 0x30)
      case 0x2E:
        guard decimals == nil else { return nil }
        decimals = 0
      default: return nil
      }
    }
    guard wholeDigits > 0, decimals != 0 else { return nil }
    for _ in (decimals ?? 0)..<3 { value *= 10 }
    return value
  }
}
