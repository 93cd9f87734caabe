import Configuration
import Foundation
import Logging
import Synchronization
import Telemetry

/// Writes log lines to standard error, as text or as one JSON object per line.
struct LogOutput: LogHandler {
  private let level: LogLevel
  var metadata: Logger.Metadata = [:]
  private let format: Settings.Log.Format
  private let calendar: LocalCalendar

  /// A logger by the settings, for messages of at least `level`.
  static func make(_ settings: Settings.Log, level: LogLevel, calendar: LocalCalendar) -> Logger {
    Logger(label: "millwright") { _ in
      LogOutput(level: level, format: settings.format, calendar: calendar)
    }
  }

  private init(level: LogLevel, format: Settings.Log.Format, calendar: LocalCalendar) {
    self.level = level
    self.format = format
    self.calendar = calendar
  }

  var logLevel: Logger.Level {
    get { level.value }
    set { level.value = newValue }
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
      for (key, value) in fields { line += ",\"\(key)\":\(Self.json(value))" }
      line += "}"
    }
    printError(line)
  }

  /// A value in JSON: integers as numbers, everything else as text.
  private static func json(_ value: Logger.MetadataValue) -> String {
    if case .stringConvertible(let number) = value, number is Int || number is Int64 { return "\(number)" }
    return "\"\(escaped("\(value)", quotes: true))\""
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

/// The least severe level that is logged. It may be changed while others log.
final class LogLevel: Sendable {
  private let level: Mutex<Logger.Level>

  var value: Logger.Level {
    get { level.withLock { $0 } }
    set { level.withLock { $0 = newValue } }
  }

  /// The configuration's level, unless `chosen` overrides it.
  init(_ settings: Settings.Log, chosen: Logger.Level?) {
    level = Mutex(chosen ?? Self.configured(settings))
  }

  /// Takes over another configuration's level, unless `chosen` overrides it.
  func reload(_ settings: Settings.Log, chosen: Logger.Level?) {
    value = chosen ?? Self.configured(settings)
  }

  private static func configured(_ settings: Settings.Log) -> Logger.Level {
    Logger.Level(rawValue: settings.level.rawValue) ?? .info
  }
}
