/// Numbers kept in thousandths, as text.
enum Thousandth {
  /// The number in full: `1523250` as `1523.25`, without zeros behind the last digit.
  static func text(_ thousandths: Int64) -> String {
    let whole = thousandths.magnitude / 1000
    var text = (thousandths < 0 ? "-" : "") + String(whole)
    var fraction = String(thousandths.magnitude % 1000)
    guard fraction != "0" else { return text }
    fraction = String(repeating: "0", count: 3 - fraction.count) + fraction
    while fraction.last == "0" { fraction.removeLast() }
    text += "." + fraction
    return text
  }
}
