import Foundation
import Logging
import Telemetry

/// Writes log lines to standard error, as text or as one JSON object per line.
struct LogOutput: LogHandler {
  var logLevel: Logger.Level
  var metadata: Logger.Metadata = [:]
  private let format: Settings.Log.Format
  private let calendar: LocalCalendar

  /// A logger by the settings; `level` overrides theirs.
  static func make(_ settings: Settings.Log, level: Logger.Level?, calendar: LocalCalendar) -> Logger {
    let configured = Logger.Level(rawValue: settings.level.rawValue) ?? .info
    return Logger(label: "millwright") { _ in
      LogOutput(logLevel: level ?? configured, format: settings.format, calendar: calendar)
    }
  }

  private init(logLevel: Logger.Level, format: Settings.Log.Format, calendar: LocalCalendar) {
    self.logLevel = logLevel
    self.format = format
    self.calendar = calendar
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let now = InstantArgument.now
    let time = now.rfc3339(offset: calendar.offset(at: now))
    let fields = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
    var line: String
    switch format {
    case .text:
      line = "\(time) \(event.level.rawValue): \(Self.escaped("\(event.message)"))"
      for (key, value) in fields { line += " \(key)=\(Self.escaped("\(value)"))" }
    case .json:
      line =
        "{\"time\":\"\(time)\",\"level\":\"\(event.level.rawValue)\",\"message\":\"\(Self.escaped("\(event.message)", quotes: true))\""
      for (key, value) in fields { line += ",\"\(key)\":\"\(Self.escaped("\(value)", quotes: true))\"" }
      line += "}"
    }
    printError(line)
  }

  /// The text with control characters escaped, so that data from a device cannot forge a log line.
  private static func escaped(_ text: String, quotes: Bool = false) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x22 where quotes, 0x5C where quotes: result += "\\\(scalar)"
      case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029, 0x202A...0x202E, 0x2066...0x2069:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
