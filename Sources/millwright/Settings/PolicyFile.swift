import Aggregation
import Foundation
import Telemetry
import Yams

/// A policy as a file has it.
enum PolicyFile {
  /// Where policies asked for by name are looked for, beside those of the configuration's own folder.
  static let folders = ["/etc/millwright/policies", "Config/policies"]

  /// The policy of a name, or of the file at a path.
  static func load(_ name: String, besides configuration: String) throws -> Policy {
    let path = try find(name, besides: configuration)
    guard let data = FileManager.default.contents(atPath: path),
      let text = String(data: data, encoding: .utf8)
    else { throw CommandFailure(.noInput, "\(path): cannot be read as UTF-8") }
    do throws(SettingsErrors) {
      return try parse(text, file: path)
    } catch {
      throw CommandFailure(.configuration, error.description)
    }
  }

  /// Every policy that can be asked for by name, ascending.
  static func names(besides configuration: String) -> [String] {
    let found = places(besides: configuration).flatMap { folder in
      ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { $0.hasSuffix(".yaml") }
    }
    return Set(found.map { String($0.dropLast(5)) }).sorted()
  }

  /// Reads a policy strictly: every problem with its place.
  static func parse(_ text: String, file: String) throws(SettingsErrors) -> Policy {
    let directory = FileManager.default.currentDirectoryPath
    var reader = SettingsReader(
      try YAMLDocument.parse(text, file: file), file: file, directory: directory, workingDirectory: directory,
      environment: [:], advice: [:])
    func words(_ key: String) -> String { reader.required(key, .text(maximum: 500), placeholder: "") }
    let name = URL(fileURLWithPath: file).deletingPathExtension().lastPathComponent
    let policy = Policy(
      name: name, titleChinese: words("title_zh"), titleEnglish: words("title_en"),
      issuingBodyChinese: words("issuing_body_zh"), issuingBodyEnglish: words("issuing_body_en"),
      date: reader.required("date", day, placeholder: CalendarDay(number: 0)), source: words("source"),
      noteChinese: words("note_zh"), noteEnglish: words("note_en"), rules: rules(&reader),
      bands: bands(&reader))
    if policy.rules.isEmpty, policy.bands.isEmpty {
      reader.complain(at: "rules", "a policy needs rules or bands")
    }
    let problems = reader.finish()
    guard problems.isEmpty else { throw SettingsErrors(problems) }
    return policy
  }

  // MARK: -

  private static func rules(_ reader: inout SettingsReader) -> [Policy.Rule] {
    (reader.elements("rules", of: ["metric", "at_least"]) ?? []).compactMap { element in
      let name = reader.required("metric", in: element, metric)
      let share = reader.required("at_least", in: element, percent)
      guard let name, let share else { return nil }
      return Policy.Rule(metric: name, atLeast: share)
    }
  }

  private static func bands(_ reader: inout SettingsReader) -> [Policy.Band] {
    (reader.elements("bands", of: ["metric", "name", "above", "up_to"]) ?? []).compactMap { element in
      let measured = reader.required("metric", in: element, metric)
      let name = reader.required("name", in: element, .text())
      let above = reader.required("above", in: element, percent)
      let upTo = reader.required("up_to", in: element, percent)
      guard let measured, let name, let above, let upTo else { return nil }
      if upTo <= above { reader.complain(at: "up_to", in: element, "must be more than above") }
      return Policy.Band(metric: measured, name: name, above: above, upTo: upTo)
    }
  }

  private static var day: SettingKind<CalendarDay> {
    SettingKind.text().then(expects: "a date such as \"2024-01-31\"") { CalendarDay($0) }
  }
  private static var percent: SettingKind<Int64> {
    SettingKind.text().then(expects: "a percentage from 0 to 100 with at most three decimals") {
      Thousandths.value($0).flatMap { $0 <= 100_000 ? $0 : nil }
    }
  }
  private static var metric: SettingKind<Metric> {
    let keys = Metric.ranked.map(\.key)
    return SettingKind.text().then(expects: "one of \(keys.joined(separator: ", "))") { word in
      Metric.ranked.first { $0.key == word }
    }
  }

  private static func places(besides configuration: String) -> [String] {
    [URL(fileURLWithPath: configuration).deletingLastPathComponent().appendingPathComponent("policies").path]
      + folders
  }

  private static func find(_ name: String, besides configuration: String) throws -> String {
    if name.contains("/") || name.hasSuffix(".yaml") {
      guard FileManager.default.fileExists(atPath: name) else {
        throw CommandFailure(.noInput, "\(name): there is no such file")
      }
      return name
    }
    let candidates = places(besides: configuration).map { "\($0)/\(name).yaml" }
    if let path = candidates.first(where: { FileManager.default.fileExists(atPath: $0) }) { return path }
    throw CommandFailure(
      .noInput,
      "--policy: there is no policy '\(name)'\(Suggestion.phrase(for: name, among: names(besides: configuration))); 'millwright policy list' shows those there are"
    )
  }
}
