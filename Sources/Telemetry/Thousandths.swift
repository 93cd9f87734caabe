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
  public static func value(_ text: some StringProtocol) -> Int64? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), (1...15).contains(parts[0].utf8.count),
      parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
      let whole = Int64(parts[0])
    else { return nil }
    guard parts.count == 2 else { return whole * 1000 }
    guard parts[1].utf8.count <= 3,
      let fraction = Int64(parts[1] + String(repeating: "0", count: 3 - parts[1].utf8.count))
    else { return nil }
    return whole * 1000 + fraction
  }
}
