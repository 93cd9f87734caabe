import Telemetry

/// Reads the numbers of a row.
extension RowReader {
  /// The longest report interval, in seconds: 31 days.
  static var longestInterval: Int64 { 31 * 86_400 }
  /// The largest modulus of a meter, in thousandths of a unit: 1,000,000,000,000 units.
  static var largestModulus: Int64 { 1_000_000_000_000_000 }

  /// Whole seconds from 1 to 31 days; nil for an empty cell.
  mutating func interval(_ column: Column) -> Span? {
    let text = cell(column, as: .number)
    if text.isEmpty { return nil }
    guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let seconds = Int64(text),
      (1...Self.longestInterval).contains(seconds)
    else {
      refuse(
        column, .number,
        "'\(Self.shown(text))' is not a whole number of seconds from 1 to \(Self.longestInterval)",
        "“\(Self.shown(text))”应为 1 至 \(Self.longestInterval) 的整数秒")
      return nil
    }
    return .seconds(seconds)
  }

  /// A number above zero with at most three decimals, in thousandths; nil for an empty cell.
  mutating func thousandths(_ column: Column) -> Int64? {
    let text = cell(column, as: .number)
    if text.isEmpty { return nil }
    guard let value = Thousandths.value(text), (1...Self.largestModulus).contains(value) else {
      refuse(
        column, .number,
        "'\(Self.shown(text))' is not a number above 0, at most 1000000000000, with at most three decimals",
        "“\(Self.shown(text))”应为大于 0、不超过 1000000000000、最多三位小数的数值")
      return nil
    }
    return value
  }

  /// Seconds for one piece, above 0 and at most a day, with at most three decimals; nil for an empty cell.
  mutating func cycle(_ column: Column) -> Span? {
    let text = cell(column, as: .number)
    if text.isEmpty { return nil }
    guard let value = Thousandths.value(text),
      (1...RegisteredEquipment.longestCycle.milliseconds).contains(value)
    else {
      refuse(
        column, .number,
        "'\(Self.shown(text))' is not a number of seconds above 0, at most 86400, with at most three decimals",
        "“\(Self.shown(text))”应为大于 0、不超过 86400、最多三位小数的秒数")
      return nil
    }
    return .milliseconds(value)
  }

  /// An amount in yuan, at least 0, with at most two decimals; nil for an empty cell.
  mutating func money(_ column: Column) -> Int64? {
    let text = cell(column, as: .number)
    if text.isEmpty { return nil }
    guard let value = Money.value(text) else {
      let written = written(text, column)
      refuse(
        column, .number,
        "'\(written)' is not an amount in yuan from 0 to 1000000000000 with at most two decimals"
          + (text.contains(".") ? "; round it" : ""),
        "“\(written)”应为 0 至 1000000000000、最多两位小数的金额（元）"
          + (text.contains(".") ? "；请四舍五入后填写" : ""))
      return nil
    }
    return value
  }

  /// A number as an error quotes it: as the cell has it if it was converted to another unit.
  private func written(_ text: String, _ column: Column) -> String {
    Self.shown(factor(column) == nil ? text : rawCell(column).shown)
  }
}
