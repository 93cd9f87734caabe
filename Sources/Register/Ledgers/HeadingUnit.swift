/// A unit in a heading's brackets, and the factor by which its values become those of the column.
struct HeadingUnit: Equatable {
  /// What a unit measures.
  enum Quantity { case time, money, energy }
  let quantity: Quantity
  /// How many of the smallest unit of the quantity it is: milliseconds, hundredths of a yuan, watt hours.
  let size: Int64

  /// The unit with a name, in any letter case; nil for other words.
  init?(_ name: String) {
    guard let found = Self.names[name.lowercased()] else { return nil }
    (quantity, size) = found
  }

  /// The unit of a column's values, by its English heading; nil if it has none.
  init?(column: String) {
    switch column {
    case "report_interval_s", "ideal_cycle_s": (quantity, size) = (.time, 1000)
    case "asset_value": (quantity, size) = (.money, 100)
    case "energy_rollover": (quantity, size) = (.energy, 1000)
    default: return nil
    }
  }

  private static let names: [String: (Quantity, Int64)] = {
    var names: [String: (Quantity, Int64)] = [:]
    func add(_ quantity: Quantity, _ size: Int64, _ words: String) {
      for word in words.split(separator: ",") { names[String(word)] = (quantity, size) }
    }
    add(.time, 1, "毫秒,ms")
    add(.time, 1000, "秒,秒钟,s,sec,second,seconds")
    add(.time, 60_000, "分,分钟,min,minute,minutes")
    add(.time, 3_600_000, "时,小时,h,hour,hours")
    add(.money, 100, "元,人民币元,rmb,cny,yuan")
    add(.money, 100_000, "千元")
    add(.money, 1_000_000, "万元")
    add(.money, 10_000_000_000, "亿元")
    add(.energy, 1, "wh,瓦时")
    add(.energy, 1000, "kwh,kw·h,kw.h,千瓦时,度")
    add(.energy, 1_000_000, "mwh,兆瓦时")
    add(.energy, 10_000_000, "万千瓦时,万kwh,万度")
    return names
  }()
}

/// A number that a cell writes in decimal digits, converted between units exactly.
enum DecimalText {
  /// `text` times `size` / `divisor`, with at most nine decimals; nil for no number, or one that leaves the range.
  static func converted(_ text: String, times size: Int64, over divisor: Int64) -> String? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), divisor > 0,
      parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } })
    else { return nil }
    let decimals = parts.count == 2 ? parts[1] : ""
    guard decimals.utf8.count <= 9, let digits = Int64(parts[0] + decimals) else { return nil }
    let (product, overflow) = digits.multipliedReportingOverflow(by: size)
    guard !overflow else { return nil }
    // The quotient in full, then its decimals one by one.
    var scale: Int64 = 1
    for _ in 0..<decimals.utf8.count { scale *= 10 }
    let (whole, tooLarge) = scale.multipliedReportingOverflow(by: divisor)
    guard !tooLarge else { return nil }
    var (quotient, rest) = product.quotientAndRemainder(dividingBy: whole)
    let integer = String(quotient)
    var fraction = ""
    while rest != 0, fraction.utf8.count < 9 {
      let (next, overflow) = rest.multipliedReportingOverflow(by: 10)
      guard !overflow else { return nil }
      (quotient, rest) = next.quotientAndRemainder(dividingBy: whole)
      fraction += String(quotient)
    }
    guard rest == 0 else { return nil }
    return fraction.isEmpty ? integer : "\(integer).\(fraction)"
  }
}
