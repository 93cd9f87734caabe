import Aggregation
import Foundation
import Register
import Telemetry

/// The rules by which reports say what to do next, as their file has them.
public enum ActionRuleFile {
  /// Name of the file.
  public static let name = "actions.yaml"

  /// The rules beside a configuration, else those of the system or of the checkout; none where there is no file.
  ///
  /// - Throws: every problem with its place.
  public static func load(besides configuration: String) throws(SettingsErrors) -> [ActionRule] {
    let beside = URL(fileURLWithPath: configuration).deletingLastPathComponent().appendingPathComponent(name)
    let places = [beside.path, "/etc/millwright/\(name)", "Config/\(name)"]
    guard let path = places.first(where: { FileManager.default.fileExists(atPath: $0) }) else { return [] }
    guard let data = FileManager.default.contents(atPath: path),
      let text = String(data: data, encoding: .utf8)
    else { throw SettingsErrors.unreadable(path) }
    return try parse(text, file: path)
  }

  /// Reads rules strictly.
  ///
  /// - Throws: every problem with its place.
  public static func parse(_ text: String, file: String) throws(SettingsErrors) -> [ActionRule] {
    let directory = FileManager.default.currentDirectoryPath
    var reader = SettingsReader(
      try YAMLDocument.parse(text, file: file), file: file, directory: directory, workingDirectory: directory,
      environment: [:], advice: [:])
    let elements =
      reader.elements(
        "rules",
        of: [
          "name", "metric", "zh", "en", "bucket", "automation", "digital", "connectable", "intelligent",
          "networked",
        ]) ?? []
    var names: Set<String> = []
    let rules = elements.compactMap { element -> ActionRule? in
      let name = reader.required("name", in: element, .text(maximum: 64))
      let metric = reader.required("metric", in: element, metric)
      let chinese = reader.required("zh", in: element, template)
      let english = reader.required("en", in: element, template)
      var condition = ActionRule.Condition()
      condition.buckets = reader.optional("bucket", in: element, words(Bucket.allCases, \.key))
      condition.automation = reader.optional(
        "automation", in: element, words(Automation.allCases, \.rawValue))
      condition.digital = reader.optional("digital", in: element, truth)
      condition.connectable = reader.optional("connectable", in: element, truth)
      condition.intelligent = reader.optional("intelligent", in: element, truth)
      condition.networked = reader.optional("networked", in: element, truth)
      if let name, !names.insert(name).inserted {
        reader.complain(at: "name", in: element, "another rule has this name", "与其他规则重名")
      }
      guard let name, let metric, let chinese, let english else { return nil }
      return ActionRule(
        name: name, metric: metric, equipment: condition, textChinese: chinese, textEnglish: english)
    }
    let problems = reader.finish()
    guard problems.isEmpty else { throw SettingsErrors(problems) }
    return rules
  }

  // MARK: -

  private static var metric: SettingKind<Metric> {
    let keys = Metric.equipmentRatios.map(\.key)
    return SettingKind.text().then(
      expects: "one of \(keys.joined(separator: ", "))", chinese: "以下之一：\(keys.joined(separator: "、"))"
    ) { word in
      Metric.equipmentRatios.first { $0.key == word }
    }
  }

  private static var truth: SettingKind<Bool> {
    SettingKind(expects: "true or false", chinese: "true 或 false") { scalar in
      ["true": true, "false": false][scalar.text]
    }
  }

  private static func words<Word: Hashable & Sendable>(
    _ all: [Word], _ key: @escaping @Sendable (Word) -> String
  ) -> SettingKind<Set<Word>> {
    let keys = all.map(key)
    return SettingKind.text(maximum: 200).then(
      expects: "one of \(keys.joined(separator: ", ")), or several with commas between them",
      chinese: "以下一项，或以逗号分隔的多项：\(keys.joined(separator: "、"))"
    ) { text in
      let words = text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
      let known = words.compactMap { word in all.first { key($0) == word } }
      return known.count == words.count && !known.isEmpty ? Set(known) : nil
    }
  }

  /// A text whose braces are those that are filled in.
  private static var template: SettingKind<String> {
    SettingKind.text(maximum: 500).then(
      expects: "a text of at most 500 bytes, with no braces but {count}, {place}, {equipment} and {remedy}",
      chinese: "不超过 500 字节的文本，花括号仅限 {count}、{place}、{equipment} 和 {remedy}"
    ) { text in
      var rest = text
      for known in ["{count}", "{place}", "{equipment}", "{remedy}"] {
        rest = rest.replacing(known, with: "")
      }
      return rest.contains { $0 == "{" || $0 == "}" } ? nil : text
    }
  }
}
