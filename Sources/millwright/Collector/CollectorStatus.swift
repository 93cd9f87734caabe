import Foundation
import Journal
import SQLiteStore
import Storage
import Telemetry

/// Status of a collector: `status.json` in the store's folder, written once a second. Times are RFC 3339 in the
/// district's time zone. Fields may be added; readers ignore unknown ones.
package struct CollectorStatus: Codable, Equatable {
  static let schema = "millwright.status/1"

  enum State: String, Codable {
    /// It claims the store and reads the journal, which may take minutes.
    case starting
    /// It tries to reach the broker.
    case disconnected
    case connected
    /// It ended on request.
    case stopped
    /// The collector failed; `failure` states the reason.
    case failed
  }

  struct Broker: Codable, Equatable {
    var host: String
    var port: Int
    var protocolVersion: String
    /// `tls` or `tcp`.
    var transport: String
    /// Version of libmosquitto found at run time.
    var library: String
    /// nil until the store is claimed.
    var clientId: String?
    /// Time of the newest connection; nil before the first.
    var connectedAt: String?
    /// Whether it resumed the session, so that the broker had kept messages meanwhile.
    var resumed: Bool?
    /// Number of connections since the start.
    var connections = 0
    /// Number of connections ended by another client with the same client id.
    var takeovers = 0
    var lastDisconnectedAt: String?
    var lastDisconnectReason: String?
  }

  struct Messages: Codable, Equatable {
    /// Receipt of the newest message since the start; nil before the first.
    var newestAt: String?
    var total = 0
    var refused = 0
    /// Messages delivered again.
    var redelivered = 0
    /// Messages for filters of earlier configurations.
    var former = 0
    /// Messages a second, over the last minute.
    var perSecond = 0.0
    var refusedLastMinute = 0
  }

  struct Refusal: Codable, Equatable {
    var reason: String
    /// Number since the start.
    var messages: Int
    var lastMinute: Int
    var example: Example?

    struct Example: Codable, Equatable {
      var topic: String
      var detail: String
      /// Name of the ``Telemetry/Fault``.
      var fault: String?
      var at: String
      /// BLOCK/RECORD for `quarantine show`.
      var place: String
    }
  }

  /// The collector's delays.
  struct Lag: Codable, Equatable {
    /// Longest time for storing a batch in the last minute, in milliseconds: acknowledgements wait for it.
    var longestCommit = 0
    /// Rows waiting to be written to the views, on which reports are based.
    var rows = 0
  }

  struct Disk: Codable, Equatable {
    /// Bytes of the store's file system, and those still available to the collector.
    var total: Int64
    var free: Int64
  }

  /// A condition that requires action, listed as long as it lasts.
  struct Warning: Codable, Equatable {
    /// A stable word, such as `disk_low`.
    var code: String
    var english: String
    var chinese: String
  }

  var schema = Self.schema
  var version: String
  var process: Int32
  var host: String
  var state = State.starting
  var failure: String?
  var writtenAt: String
  var startedAt: String
  var store: String
  /// Newest block with messages; 0 before the first.
  var block: Int64 = 0
  var senders = 0
  var broker: Broker
  var messages = Messages()
  var refusals: [Refusal] = []
  var lag = Lag()
  var disk: Disk?
  var warnings: [Warning] = []

  // MARK: The file

  /// Replaces the status file. It need not survive a power cut.
  func write(to path: String) throws(StoreError) {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let text = try? encoder.encode(self) else { throw StoreError(.io, "\(path): cannot be encoded") }
    try StoreFile.replace(path, with: String(decoding: text, as: UTF8.self) + "\n", isDurable: false)
  }

  /// Reads the status from a file; nil when there is none. Throws for content that is not a status.
  package static func read(_ path: String) throws(StoreError) -> CollectorStatus? {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    do {
      return try decoder.decode(CollectorStatus.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
    } catch {
      throw StoreError(
        .corrupt, "\(path): is not a collector's status; the next start of the collector replaces it")
    }
  }
}

extension StoreDirectory {
  /// Path of the collector's status, which is written once a second.
  var status: String { path + "/status.json" }
}
