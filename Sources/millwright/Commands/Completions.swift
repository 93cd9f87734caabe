import Access
import ArgumentParser
import Configuration
import Foundation
import Register
import SQLiteStore
import Telemetry

/// Words that a shell offers for the word before the cursor. Where the configuration or the store cannot be read there
/// are none: completion never prints an error.
enum Completions {
  /// Maximum number of words of one answer.
  private static let most = 1000

  /// Ids of the scope that `report` is asked for: factories, workshops, lines or equipment.
  static let scopePaths: CompletionKind = .custom { words, _, prefix in
    guard let place = words.firstIndex(of: "report"), place + 1 < words.count else { return [] }
    return paths(words[place + 1], words, prefix)
  }
  /// Ids of factories.
  static let factories: CompletionKind = .custom { words, _, prefix in paths("factory", words, prefix) }
  /// Equipment as FACTORY/EQUIPMENT.
  static let equipment: CompletionKind = .custom { words, _, prefix in paths("equipment", words, prefix) }
  /// Names of policies.
  static let policies: CompletionKind = .custom { words, _, prefix in
    offered(PolicyFile.names(besides: configuration(words)) + [Settings.noPolicy], prefix)
  }
  /// Names of forms.
  static let forms: CompletionKind = .custom { words, _, prefix in
    offered(FormFile.names(besides: configuration(words)) + [Settings.noForm], prefix)
  }

  /// Names of accounts.
  static let accounts: CompletionKind = .custom { words, _, prefix in
    guard let file = settings(words)?.web.accountsFile, let accounts = try? AccountsFile(file).load() else {
      return []
    }
    return offered(accounts.accounts.map(\.name), prefix)
  }

  /// Names of the rules of alerts.
  static let alertRules: CompletionKind = .custom { words, _, prefix in
    offered(alerts(words)?.rules.map(\.name) ?? [], prefix)
  }
  /// Names of the receivers of alerts.
  static let alertReceivers: CompletionKind = .custom { words, _, prefix in
    offered(alerts(words)?.receivers.map(\.name) ?? [], prefix)
  }

  // MARK: -

  private static func alerts(_ words: [String]) -> AlertRules? {
    guard let settings = settings(words) else { return nil }
    return try? settings.alertRules()
  }

  private static func paths(_ scope: String, _ words: [String], _ prefix: String) -> [String] {
    guard let register = snapshot(words, factory: prefix.firstIndex(of: "/").map { String(prefix[..<$0]) })
    else { return [] }
    func parts(_ key: EquipmentKey, _ others: [String]) -> String? {
      others.contains("") ? nil : ([key.factory] + others).joined(separator: "/")
    }
    let found =
      switch scope {
      case "factory": register.factories.map(\.id)
      case "workshop": register.entries.compactMap { parts($0.equipment.key, [$0.equipment.workshop]) }
      case "line":
        register.entries.compactMap { parts($0.equipment.key, [$0.equipment.workshop, $0.equipment.line]) }
      case "equipment": register.entries.map(\.equipment.key.description)
      default: [String]()
      }
    return offered(found, prefix)
  }

  /// The words that begin with the prefix, ascending, each once.
  private static func offered(_ words: [String], _ prefix: String) -> [String] {
    Array(Set(words.lazy.filter { $0.hasPrefix(prefix) }).sorted().prefix(most))
  }

  /// The register of today; only the rows of a factory if one is named.
  private static func snapshot(_ words: [String], factory: String?) -> RegisterSnapshot? {
    guard let settings = settings(words),
      let register = try? RegisterStore.open(directory: settings.storeDirectory.path, readOnly: true)
    else { return nil }
    return try? register.snapshot(
      day: settings.district.calendar.day(at: InstantArgument.now), factory: factory)
  }

  private static func settings(_ words: [String]) -> Settings? {
    let choice = ConfigurationChoice(config: value(of: "--config", words), store: value(of: "--store", words))
    return try? choice.loaded { (path, environment) throws(SettingsErrors) in
      try Settings.load(path: path, environment: environment)
    }
  }

  private static func configuration(_ words: [String]) -> String {
    settings(words)?.file ?? value(of: "--config", words) ?? Settings.defaultFiles[0]
  }

  /// The value of an option on the command line, as `--name value` or `--name=value`.
  private static func value(of option: String, _ words: [String]) -> String? {
    var value: String?
    for (place, word) in words.enumerated() {
      if word == option, place + 1 < words.count { value = words[place + 1] }
      if word.hasPrefix(option + "=") { value = String(word.dropFirst(option.count + 1)) }
    }
    // The shell gives words as they are typed.
    guard let value, value.hasPrefix("~/"), let home = ProcessInfo.processInfo.environment["HOME"] else {
      return value
    }
    return home + value.dropFirst()
  }
}
