import Foundation
import Telemetry

extension Settings {
  /// Where the configuration is looked for when no file is named.
  public static let defaultFiles = ["Config/millwright.yaml", "/etc/millwright/millwright.yaml"]

  /// Reads the configuration, the environment's `MILLWRIGHT_…` variables overriding the file's keys.
  ///
  /// - Parameters:
  ///   - path: the file, or nil to look in ``defaultFiles``.
  ///   - environment: as the process has it.
  /// - Throws: every problem found, with its line or variable.
  public static func load(path: String?, environment: [String: String]) throws(SettingsErrors) -> Settings {
    let (file, text) = try read(path)
    return try parse(text, file: file, environment: environment)
  }

  /// Reads a configuration's text; `file` is its name in messages and where its relative paths begin.
  public static func parse(
    _ text: String, file: String, environment: [String: String] = [:]
  ) throws(SettingsErrors) -> Settings {
    var (settings, reader) = try interpret(text, file: file, environment: environment)
    let problems = reader.finish()
    guard problems.isEmpty else { throw SettingsErrors(problems) }
    return settings
  }

  /// Every key there is, dotted, in the order of the documentation; a list's keys as `sources[].topic`.
  public static var keys: [String] {
    (try? interpret("{}", file: "", environment: [:]))?.reader.keys ?? []
  }

  /// Reads a configuration's text as far as it can be read; `reader` has what is wrong with it.
  static func interpret(
    _ text: String, file: String, environment: [String: String]
  ) throws(SettingsErrors) -> (settings: Settings, reader: SettingsReader) {
    let workingDirectory = FileManager.default.currentDirectoryPath
    let absolute = SettingKind.absolute(file, in: workingDirectory)
    let root = try YAMLDocument.parse(text, file: file)
    var reader = SettingsReader(
      root, file: file, directory: (absolute as NSString).deletingLastPathComponent,
      workingDirectory: workingDirectory, environment: environment, advice: advice)
    let settings = Settings(from: &reader, file: file)
    return (settings, reader)
  }

  /// Advice for keys that do not exist and that people may expect.
  private static let advice = [
    "mqtt.password": "a password does not belong in this file; name a file of mode 0600 in "
      + "mqtt.password_file, or set the environment variable \(Secret.variable)",
    "mqtt.shards": "this version runs one shard",
  ]

  /// The name and text of the configuration file.
  static func read(_ path: String?) throws(SettingsErrors) -> (file: String, text: String) {
    for file in path.map({ [$0] }) ?? defaultFiles {
      guard let data = FileManager.default.contents(atPath: file) else {
        if path == nil, !FileManager.default.fileExists(atPath: file) { continue }
        let isThere = FileManager.default.fileExists(atPath: file)
        throw SettingsErrors(
          [
            .init(
              .wholeFile(file), isThere ? "cannot be read" : "there is no such file",
              isThere ? "无法读取" : "文件不存在")
          ], isMissingFile: true)
      }
      guard data.count <= 1 << 20 else {
        throw SettingsErrors([.init(.wholeFile(file), "is larger than 1MiB: not a configuration")])
      }
      guard let text = String(data: data, encoding: .utf8) else {
        throw SettingsErrors([.init(.wholeFile(file), "is not UTF-8")])
      }
      return (file, text)
    }
    throw SettingsErrors(
      [
        .init(
          .unplaced,
          "no configuration: neither \(defaultFiles.joined(separator: " nor ")) is there; "
            + "name one with --config FILE")
      ], isMissingFile: true)
  }
}
