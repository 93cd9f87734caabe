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
  /// Maximum number of decimals of a number and of its conversion.
  static let mostDecimals = 9

  /// Whether a text is a number in decimal digits, with or without a point.
  static func isNumber(_ text: String) -> Bool {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    return (1...2).contains(parts.count)
      && parts.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
  }

  /// `text` times `size` / `divisor`; nil for no number, for one of more than 18 digits or ``mostDecimals``, and for a
  /// result with more decimals.
  ///
  /// - Parameter size: at most a trillion, as `divisor` is.
  static func converted(_ text: String, times size: Int64, over divisor: Int64) -> String? {
    guard divisor > 0, isNumber(text) else { return nil }
    let parts = text.split(separator: ".")
    let decimals = parts.count == 2 ? parts[1] : ""
    guard decimals.utf8.count <= mostDecimals, let digits = Int64(parts[0] + decimals) else { return nil }
    // The quotient in full, then its decimals one by one. All numbers are below 10 to the 32nd.
    var whole = Int128(divisor)
    for _ in 0..<decimals.utf8.count { whole *= 10 }
    var (quotient, rest) = (Int128(digits) * Int128(size)).quotientAndRemainder(dividingBy: whole)
    let integer = String(quotient)
    var fraction = ""
    while rest != 0, fraction.utf8.count < mostDecimals {
      (quotient, rest) = (rest * 10).quotientAndRemainder(dividingBy: whole)
      fraction += String(quotient)
    }
    guard rest == 0 else { return nil }
    return fraction.isEmpty ? integer : "\(integer).\(fraction)"
  }
}
