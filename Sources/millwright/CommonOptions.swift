import ArgumentParser
import Configuration
import Daemon
import Foundation
import Reporting
import SQLiteStore
import Storage
import Telemetry

/// The configuration, and a store that replaces the configuration's.
struct StoreOptions: ParsableArguments {
  @Option(
    name: .long,
    help: "Configuration file (default: Config/millwright.yaml, then /etc/millwright/millwright.yaml).",
    completion: .file(extensions: ["yaml"]))
  var config: String?

  @Option(name: .long, help: "Store to use instead of the configuration's: sqlite:DIRECTORY.")
  var store: String?

  /// The configuration with the options applied.
  func settings() throws(SettingsErrors) -> Settings {
    try choice.loaded { (path, environment) throws(SettingsErrors) in
      try Settings.load(path: path, environment: environment)
    }
  }

  /// The options, for reading the configuration again on another thread.
  var choice: ConfigurationChoice { ConfigurationChoice(config: config, store: store) }

  /// The embedded store's folder. With --store no configuration is needed.
  func storeDirectory() throws -> String {
    do throws(SettingsErrors) {
      return try settings().storeDirectory.path
    } catch {
      guard error.isMissingFile, config == nil, let store else { throw error }
      do throws(StoreURLError) {
        switch try StoreURL(store) {
        case .sqlite(let directory): return directory
        }
      } catch {
        throw CommandFailure(.usage, "--store: \(error)")
      }
    }
  }

  /// The embedded store's folder; nil if no option, variable or configuration names one.
  func storeDirectoryIfNamed() throws -> String? {
    do {
      return try storeDirectory()
    } catch let error as SettingsErrors {
      let isNamed = store != nil || ProcessInfo.processInfo.environment["MILLWRIGHT_STORE"] != nil
      guard error.isMissingFile, config == nil, !isNamed else { throw error }
      return nil
    }
  }

  /// Path of the configuration file, whose folder also has policies and rules. If none is named and none exists, its
  /// default path.
  func configurationFile() throws -> String {
    do throws(SettingsErrors) {
      return try settings().file
    } catch {
      guard error.isMissingFile, config == nil else { throw error }
      return Settings.defaultFiles[0]
    }
  }

  /// A note that the environment names the store instead of the configuration; nil with `--store` or without
  /// MILLWRIGHT_STORE.
  func storeOrigin(_ say: CommandWording) -> String? {
    guard store == nil, let named = ProcessInfo.processInfo.environment["MILLWRIGHT_STORE"] else {
      return nil
    }
    return say(
      "the store is \(named), set by MILLWRIGHT_STORE instead of the configuration",
      "存储位置由环境变量 MILLWRIGHT_STORE 指定：\(named)，未采用配置文件中的设置"
    ).inert
  }
}

/// Which configuration and store the command line names.
struct ConfigurationChoice: Sendable {
  /// The configuration file; nil for the default files.
  let config: String?
  /// The store's URL; nil for the configuration's.
  let store: String?

  /// The configuration of a collector, checked wholly.
  func collectorSettings() throws(SettingsErrors) -> CollectorSettings {
    try loaded { (path, environment) throws(SettingsErrors) in
      try CollectorSettings.load(path: path, environment: environment)
    }
  }

  /// Calls `load` with the file and the environment, in which the options replace variables.
  func loaded<Loaded>(
    _ load: (_ path: String?, _ environment: [String: String]) throws(SettingsErrors) -> Loaded
  ) throws(SettingsErrors) -> Loaded {
    var environment = ProcessInfo.processInfo.environment
    if let store { environment["MILLWRIGHT_STORE"] = store }
    do throws(SettingsErrors) {
      return try load(config, environment)
    } catch {
      guard store != nil else { throw error }
      // The option stands in the variable's place; nobody set the variable.
      var errors = error
      for index in errors.problems.indices
      where errors.problems[index].origin == .variable("MILLWRIGHT_STORE") {
        errors.problems[index] = .init(.unplaced, "--store: " + errors.problems[index].message)
      }
      throw errors
    }
  }
}

extension Settings {
  /// The embedded store's folder.
  var storeDirectory: StoreDirectory {
    switch store {
    case .sqlite(let directory): StoreDirectory(directory)
    }
  }
}

/// The language of the output.
struct LanguageOptions: ParsableArguments {
  @Option(
    name: .customLong("lang"), help: "Language of the output: en or zh (default: LANG, else en).",
    completion: .list(["en", "zh"]))
  var code: String?

  /// The requested language, else the environment's, else English.
  var language: Language {
    Self.language(code)
  }

  private static func language(_ code: String?) -> Language {
    let environment = ProcessInfo.processInfo.environment
    let name = code ?? environment["LC_ALL"] ?? environment["LC_MESSAGES"] ?? environment["LANG"] ?? "en"
    return Language(name) ?? .english
  }

  /// The language for messages before or after the options are known, from the arguments as they stand.
  static func language(_ arguments: some Sequence<String>) -> Language {
    var isNamed = false
    var code: String?
    for argument in arguments {
      if argument == "--" { break }
      if isNamed { code = argument }
      if argument.hasPrefix("--lang=") { code = String(argument.dropFirst(7)) }
      isNamed = argument == "--lang"
    }
    return language(code)
  }

  func validate() throws {
    if let code, Language(code) == nil {
      throw ValidationError(
        CommandWording.ofCommandLine(
          "'\(code)' is not a language of the output: use --lang en or --lang zh",
          "“\(code)”不是输出语言：请用 --lang en 或 --lang zh"))
    }
  }
}

/// An instant on the command line: RFC 3339, or a day, which means its end in the store's time zone.
enum InstantArgument {
  static func parse(_ text: String, option: String, calendar: LocalCalendar) throws -> Timestamp {
    if let instant = Timestamp(text) { return instant }
    if let day = CalendarDay(text) { return calendar.start(of: day + 1) - .milliseconds(1) }
    throw CommandFailure(
      .usage,
      "\(option): '\(text.inert)' is neither an instant (2026-11-22T08:00:00+08:00) nor a day (2026-11-22)",
      "\(option)：“\(text.inert)”既不是时刻（如 2026-11-22T08:00:00+08:00），也不是日期（如 2026-11-22）")
  }

  /// Now, milliseconds UTC.
  static var now: Timestamp { .now }
}
