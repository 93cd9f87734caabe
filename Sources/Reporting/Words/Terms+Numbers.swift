import Aggregation
import Register
import Telemetry

/// Numbers as text.
extension Terms {
  /// A percentage for reading: floored to a tenth, `<0.1 %` for a positive value below that, and N/A without a
  /// denominator.
  public func percent(_ count: Count) -> String {
    guard let permille = count.permille else { return notApplicable }
    if permille == 0 && count.numerator > 0 { return "<0.1 %" }
    return "\(permille / 10).\(permille % 10) %"
  }

  /// The bounds of a ratio as the text of a cell; empty where there are none.
  func bounds(_ bounded: TimeFigures.Bounded) -> Cell {
    guard let lower = bounded.lower, let upper = bounded.upper, lower.denominator > 0, lower != upper else {
      return .empty
    }
    return .bounds(lower: lower, upper: upper)
  }

  /// The bounds of a ratio, with the upper one rounded up.
  func bounds(_ lower: Count, _ upper: Count) -> String {
    guard let lower = lower.permille, let upper = upper.permilleRoundedUp else { return "" }
    return "\(lower / 10).\(lower % 10)–\(upper / 10).\(upper % 10) %"
  }

  /// `+6.9`: percentage points from tenths of a percentage point.
  package func points(_ tenths: Int) -> String {
    let size = "\(tenths.magnitude / 10).\(tenths.magnitude % 10)"
    return (tenths < 0 ? "−" : tenths > 0 ? "+" : "±") + size
  }

  /// Thousandths as a decimal number with grouped thousands, without trailing zeros.
  func thousandths(_ value: Int64) -> String {
    let text = Thousandths.text(value)
    guard let point = text.firstIndex(of: ".") else { return number(Int(value / 1000)) }
    let whole = number(Int(value / 1000))
    return (value < 0 && value > -1000 ? "-" : "") + whole + text[point...]
  }

  /// `48 / 60` in a unit.
  func fraction(_ count: Count, _ unit: Cell.Unit) -> String {
    switch unit {
    case .plain: return fraction(count)
    case .pieces: return fraction(Count(count.numerator / 1000, of: count.denominator / 1000))
    case .yuan:
      return money(count.numerator) + " / " + money(count.denominator) + " " + pick("yuan", "元")
    case .hours: return hours(count.numerator) + " / " + hours(count.denominator) + " " + pick("h", "小时")
    }
  }

  /// Yuan with grouped thousands, from hundredths.
  private func money(_ hundredths: Int) -> String {
    let text = Money.text(Int64(hundredths))
    let fraction = text.firstIndex(of: ".").map { text[$0...] } ?? ""
    return number(hundredths / 100) + fraction
  }

  /// Hours with one decimal, from milliseconds.
  package func hours(_ milliseconds: Int) -> String {
    let tenths = milliseconds / 360_000
    return number(tenths / 10) + ".\(tenths % 10)"
  }

  /// A whole number with grouped thousands.
  public func number(_ value: Int) -> String {
    var digits = ""
    for (index, digit) in String(value.magnitude).reversed().enumerated() {
      if index > 0 && index % 3 == 0 { digits.append(",") }
      digits.append(digit)
    }
    return (value < 0 ? "-" : "") + String(digits.reversed())
  }

  /// A number with its noun: `1 sender`, `2 senders`, `2 台设备`.
  package func many(_ count: Int, _ one: String, _ several: String, _ chinese: String) -> String {
    number(count) + " " + pick(count == 1 ? one : several, chinese)
  }

  /// `… 159 more`: the number of rows that a short rendering leaves out.
  func more(_ rows: Int) -> String {
    "… " + pick("\(number(rows)) more", "另有 \(number(rows)) 项")
  }

  /// `48 / 60`.
  public func fraction(_ count: Count) -> String {
    "\(number(count.numerator)) / \(number(count.denominator))"
  }

  /// A duration in its largest whole unit: `15 min`.
  public func span(_ span: Span) -> String {
    let milliseconds = span.milliseconds
    let units: [(Int64, String)] = [
      (86_400_000, pick("d", "天")), (3_600_000, pick("h", "小时")), (60_000, pick("min", "分钟")),
      (1000, pick("s", "秒")),
    ]
    for (unit, name) in units where milliseconds >= unit && milliseconds % unit == 0 {
      return "\(milliseconds / unit) \(name)"
    }
    return "\(milliseconds) \(pick("ms", "毫秒"))"
  }
}
