import Aggregation
import Telemetry

extension PolicyFile {
  /// Keys of a rule or a step that say where its numbers come from.
  private static let origins = ["source", "source_zh", "certainty"]

  static func rules(_ reader: inout SettingsReader) -> [Policy.Rule] {
    let keys = ["metric", "at_least", "base"] + origins
    return (reader.elements("rules", of: keys) ?? []).compactMap { element in
      let name = metric(in: element, &reader)
      let share = reader.required("at_least", in: element, percent)
      let origin = origin(in: element, &reader)
      guard let name, let share else { return nil }
      return Policy.Rule(metric: name, atLeast: share, origin: origin)
    }
  }

  static func bands(_ reader: inout SettingsReader) -> [Policy.Band] {
    let keys = ["metric", "name", "from", "above", "up_to", "below", "points", "base"] + origins
    var reached: [Metric: Policy.Band] = [:]
    return (reader.elements("bands", of: keys) ?? []).compactMap { element in
      let measured = metric(in: element, &reader)
      let name = reader.required("name", in: element, .text())
      let lower = end("from", "above", in: element, &reader)
      let upper = end("up_to", "below", in: element, &reader)
      let points = reader.optional("points", in: element, points)
      let origin = origin(in: element, &reader)
      guard let measured, let name, let lower, let upper else { return nil }
      let band = Policy.Band(
        metric: measured, name: name, lower: lower.share, includesLower: lower.isIncluded, upper: upper.share,
        includesUpper: upper.isIncluded, points: points, origin: origin)
      let isPoint = lower.isIncluded && upper.isIncluded && lower.share == upper.share
      if upper.share <= lower.share, !isPoint {
        reader.complain(at: upper.key, in: element, "must be more than \(lower.key)", "应大于 \(lower.key)")
      }
      // Of two steps that share a figure, neither could be said to be reached.
      if let before = reached[measured],
        band.lower < before.upper
          || (band.lower == before.upper && band.includesLower && before.includesUpper)
      {
        reader.complain(
          at: lower.key, in: element,
          "steps ascend without overlapping: the one before reaches up to \(Thousandths.text(before.upper))"
            + (band.lower == before.upper ? ", which it includes" : ""),
          "各档应依次递增、互不重叠：上一档至 \(Thousandths.text(before.upper))"
            + (band.lower == before.upper ? "，且包含该值" : ""))
      }
      if band.upper >= reached[measured]?.upper ?? 0 { reached[measured] = band }
      return band
    }
  }

  /// One end of a step, which must be given by exactly one of two keys.
  private static func end(
    _ including: String, _ excluding: String, in element: SettingsReader.Element,
    _ reader: inout SettingsReader
  ) -> (key: String, share: Int64, isIncluded: Bool)? {
    let isIncluded = reader.has(including, in: element)
    let isExcluded = reader.has(excluding, in: element)
    guard isIncluded != isExcluded else {
      reader.complain(
        at: isIncluded ? excluding : including, in: element,
        isIncluded
          ? "only one of \(including) and \(excluding) can be given"
          : "is missing; give \(including) if the end belongs to the step, or \(excluding) if it does not",
        isIncluded
          ? "\(including) 与 \(excluding) 只能填写一项"
          : "缺失：包含端点时填写 \(including)，不包含时填写 \(excluding)")
      return nil
    }
    let key = isIncluded ? including : excluding
    return reader.required(key, in: element, percent).map { (key, $0, isIncluded) }
  }

  /// The metric over the base that the element names.
  private static func metric(
    in element: SettingsReader.Element, _ reader: inout SettingsReader
  ) -> Metric? {
    let measured = reader.required("metric", in: element, metric)
    let base = reader.optional("base", in: element, base)
    guard let measured, let base else { return measured }
    guard let found = measured.over(base) else {
      reader.complain(
        at: "base", in: element,
        "\(measured.key) is not of this base; networked_ratio is of production or of digital equipment",
        "\(measured.key) 没有这种口径；networked_ratio 可按生产设备或数字化设备计算")
      return nil
    }
    return found
  }

  private static func origin(
    in element: SettingsReader.Element, _ reader: inout SettingsReader
  ) -> Policy.Origin? {
    let source = reader.optional("source", in: element, .text(maximum: 500))
    let chinese = reader.optional("source_zh", in: element, .text(maximum: 500))
    let certainty = reader.optional("certainty", in: element, certainty)
    guard let source else {
      if chinese != nil || certainty != nil {
        reader.complain(
          at: chinese != nil ? "source_zh" : "certainty", in: element, "needs source beside it",
          "须同时填写 source")
      }
      return nil
    }
    return Policy.Origin(source: source, sourceChinese: chinese, certainty: certainty)
  }

  static var day: SettingKind<CalendarDay> {
    SettingKind(expects: "a date, such as 2024-01-31", chinese: "日期，如 2024-01-31") { CalendarDay($0.text) }
  }
  static var certainty: SettingKind<Policy.Certainty> {
    let words = Policy.Certainty.allCases.map(\.rawValue)
    return SettingKind.text().then(
      expects: "one of \(words.joined(separator: ", "))", chinese: "以下之一：\(words.joined(separator: "、"))"
    ) { Policy.Certainty(rawValue: $0) }
  }
  static var percent: SettingKind<Int64> {
    SettingKind(
      expects: "a percentage from 0 to 100 with at most three decimals", chinese: "0 至 100 的百分数，至多三位小数"
    ) { scalar in
      Thousandths.value(scalar.text).flatMap { $0 <= 100_000 ? $0 : nil }
    }
  }
  private static var points: SettingKind<Int64> {
    SettingKind(
      expects: "a number of points from 0 to 1000 with at most three decimals", chinese: "0 至 1000 的分值，至多三位小数"
    ) { scalar in
      Thousandths.value(scalar.text).flatMap { $0 <= 1_000_000 ? $0 : nil }
    }
  }
  private static var base: SettingKind<Metric.Base> {
    let words = ["production": Metric.Base.production, "digital": .digital]
    return SettingKind.text().then(
      expects: "production or digital", chinese: "production 或 digital"
    ) { words[$0] }
  }
  private static var metric: SettingKind<Metric> {
    let keys = Metric.ranked.map(\.key)
    return SettingKind.text().then(
      expects: "one of \(keys.joined(separator: ", "))", chinese: "以下之一：\(keys.joined(separator: "、"))"
    ) { word in
      Metric.ranked.first { $0.key == word }
    }
  }
}
