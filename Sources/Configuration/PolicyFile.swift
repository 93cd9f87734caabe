import Aggregation
import Foundation
import Telemetry
import Yams

/// A policy as a file has it.
public enum PolicyFile {
  /// Policies asked for by name are looked for beside the configuration first.
  static let files = NamedFiles(
    kind: "policy", chineseKind: "政策", chineseList: "政策", folder: "policies",
    shared: ["/etc/millwright/policies", "Config/policies"])

  /// The policy of a name, or of the file at a path; nil when there is no such file.
  ///
  /// - Throws: every problem with its place.
  public static func load(
    _ name: String, besides configuration: String
  ) throws(SettingsErrors) -> Policy? {
    guard let found = try files.text(name, besides: configuration) else { return nil }
    return try parse(found.text, file: found.path)
  }

  /// The policy that a command names at `place`, such as an option.
  ///
  /// - Throws: every problem with its place; that there is no such policy counts as a missing file.
  public static func named(
    _ name: String, besides configuration: String, asked place: String
  ) throws(SettingsErrors) -> Policy {
    guard let policy = try load(name, besides: configuration) else {
      throw SettingsErrors(
        [files.missing(name, besides: configuration, asked: place)], isMissingFile: true)
    }
    return policy
  }

  /// Every policy that can be asked for by name, ascending.
  public static func names(besides configuration: String) -> [String] { files.names(besides: configuration) }

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
      reader.complain(
        at: "valid_until", "valid_until must not be before valid_from", "valid_until 不得早于 valid_from")
    }
    var problems = reader.finish()
    if problems.isEmpty, policy.rules.isEmpty, policy.bands.isEmpty {
      problems = [.init(.wholeFile(file), "a policy needs rules or bands")]
    }
    guard problems.isEmpty else { throw SettingsErrors(problems) }
    return policy
  }

  /// Path of the file that a name or path means; nil if there is none.
  public static func find(_ name: String, besides configuration: String) -> String? {
    files.find(name, besides: configuration)
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
        PolicyFile.files.missing(name, besides: file, asked: "policies", at: policiesOrigin)
      ])
    }
    return policy
  }

  /// The policy that a command names.
  public func policy(_ name: String, asked place: String) throws(SettingsErrors) -> Policy {
    try PolicyFile.named(name, besides: file, asked: place)
  }
}
