import Foundation
import Storage

extension Settings {
  static func alerts(_ store: StoreURL, _ reader: inout SettingsReader) -> Alerts {
    let rulesFile = reader.optional("alerts.rules_file", .path)
    let stateFile = reader.optional("alerts.state_file", .path)
    return switch store {
    case .sqlite(let directory):
      Alerts(rulesFile: rulesFile, stateFile: stateFile ?? "\(directory)/alerts.sqlite")
    }
  }

  /// The rules of alerts; nil if the configuration names no file.
  ///
  /// - Throws: every problem of the file.
  public func alertRules() throws(SettingsErrors) -> AlertRules? {
    guard let path = alerts.rulesFile else { return nil }
    do throws(SettingsErrors) {
      return try AlertRuleFile.load(path, besides: file)
    } catch {
      // A file that is there and cannot be read has words of its own.
      guard error.isMissingFile, !FileManager.default.fileExists(atPath: path) else { throw error }
      throw SettingsErrors([
        .init(
          alertRulesOrigin, "alerts.rules_file: \(path): there is no such file",
          "alerts.rules_file：\(path)：文件不存在")
      ])
    }
  }
}
