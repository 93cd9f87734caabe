import Logging

/// Passes on warnings and errors of a library to a log, and nothing below.
struct WarningsOnly: LogHandler {
  private let log: Logger
  var metadata: Logger.Metadata = [:]
  var logLevel: Logger.Level = .warning

  /// A logger for a library.
  static func logger(to log: Logger) -> Logger {
    Logger(label: log.label) { _ in WarningsOnly(log) }
  }

  private init(_ log: Logger) { self.log = log }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    guard event.level >= .warning else { return }
    log.log(level: event.level, event.message, metadata: metadata.merging(event.metadata ?? [:]) { $1 })
  }
}
