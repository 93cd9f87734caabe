import Aggregation
import Foundation
import Telemetry
import Yams

/// A policy as a file has it.
public enum PolicyFile {
  /// Where policies asked for by name are looked for, beside those of the configuration's own folder.
  static let folders = ["/etc/millwright/policies", "Config/policies"]

  /// Whether a policy is asked for by its file rather than by its name.
  public static func isPath(_ name: String) -> Bool { name.contains("/") || name.hasSuffix(".yaml") }

  /// The policy of a name, or of the file at a path; nil when there is no such file.
  ///
  /// - Throws: every problem with its place.
  public static func load(
    _ name: String, besides configuration: String
  ) throws(SettingsErrors) -> Policy? {
    guard let path = find(name, besides: configuration) else { return nil }
    guard let data = FileManager.default.contents(atPath: path),
      let text = String(data: data, encoding: .utf8)
    else { throw SettingsErrors.unreadable(path) }
    return try parse(text, file: path)
  }

  /// The policy that a command names at `place`, such as an option.
  ///
  /// - Throws: every problem with its place; that there is no such policy counts as a missing file.
  public static func named(
    _ name: String, besides configuration: String, asked place: String
  ) throws(SettingsErrors) -> Policy {
    guard let policy = try load(name, besides: configuration) else {
      throw SettingsErrors(
        [.init(.unplaced, "\(place): \(missing(name, besides: configuration))")], isMissingFile: true)
    }
    return policy
  }

  /// The error for a name or path that ``load(_:besides:)`` did not find.
  public static func missing(_ name: String, besides configuration: String) -> String {
    if isPath(name) { return "\(name): there is no such file" }
    let hint = Suggestion.phrase(for: name, among: names(besides: configuration))
    return "there is no policy '\(name)'\(hint); 'millwright policy list' shows those there are"
  }

  /// Every policy that can be asked for by name, ascending.
  public static func names(besides configuration: String) -> [String] {
    let found = places(besides: configuration).flatMap { folder in
      ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { $0.hasSuffix(".yaml") }
    }
    return Set(found.map { String($0.dropLast(5)) }).sorted()
  }

  /// Reads a policy strictly; its name is that of `file` without the ending.
  ///
  /// - Throws: every problem with its place.
  public static func parse(_ text: String, file: String) throws(SettingsErrors) -> Policy {
    let directory = FileManager.default.currentDirectoryPath
    var reader = SettingsReader(
      try YAMLDocument.parse(text, file: file), file: file, directory: directory, workingDirectory: directory,
      environment: [:], advice: [:])
    func words(_ key: String) -> String { reader.required(key, .text(maximum: 500), placeholder: "") }
    let name = URL(fileURLWithPath: file).deletingPathExtension().lastPathComponent
    let source = words("source")
    let policy = Policy(
      name: name, titleChinese: words("title_zh"), titleEnglish: words("title_en"),
      issuingBodyChinese: words("issuing_body_zh"), issuingBodyEnglish: words("issuing_body_en"),
      date: reader.required("date", day, placeholder: CalendarDay(number: 0)),
      origin: Policy.Origin(
        source: source, sourceChinese: reader.optional("source_zh", .text(maximum: 500)),
        certainty: reader.optional("certainty", certainty)),
      noteChinese: words("note_zh"), noteEnglish: words("note_en"),
      validFrom: reader.optional("valid_from", day), validUntil: reader.optional("valid_until", day),
      rules: rules(&reader), bands: bands(&reader))
    if let from = policy.validFrom, let until = policy.validUntil, until < from {
      reader.complain(at: "valid_until", "valid_until must not be before valid_from")
    }
    var problems = reader.finish()
    if problems.isEmpty, policy.rules.isEmpty, policy.bands.isEmpty {
      problems = [.init(.wholeFile(file), "a policy needs rules or bands")]
    }
    guard problems.isEmpty else { throw SettingsErrors(problems) }
    return policy
  }

  private static func places(besides configuration: String) -> [String] {
    [URL(fileURLWithPath: configuration).deletingLastPathComponent().appendingPathComponent("policies").path]
      + folders
  }

  /// Path of the file that a name or path means; nil if there is none.
  public static func find(_ name: String, besides configuration: String) -> String? {
    let candidates = isPath(name) ? [name] : places(besides: configuration).map { "\($0)/\(name).yaml" }
    return candidates.first { FileManager.default.fileExists(atPath: $0) }
  }
}

extension Settings {
  /// The policies that reports are held against when none is asked for.
  ///
  /// - Throws: every problem of the first policy that is missing or wrong.
  public func defaultPolicies() throws(SettingsErrors) -> [Policy] {
    var found: [Policy] = []
    for name in policies { found.append(try defaultPolicy(name)) }
    return found
  }

  /// The policy that the configuration names.
  func defaultPolicy(_ name: String) throws(SettingsErrors) -> Policy {
    guard let policy = try PolicyFile.load(name, besides: file) else {
      throw SettingsErrors([
        .init(policiesOrigin, "policies: \(PolicyFile.missing(name, besides: file))")
      ])
    }
    return policy
  }

  /// The policy that a command names.
  public func policy(_ name: String, asked place: String) throws(SettingsErrors) -> Policy {
    try PolicyFile.named(name, besides: file, asked: place)
  }
}
