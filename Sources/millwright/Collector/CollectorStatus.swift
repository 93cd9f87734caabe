import Foundation
import Storage
import Telemetry

/// What a collector says of itself: `status.json` in the store's folder, written once a second. Times are RFC 3339 in
/// the district's time zone. Fields may be added; readers pass over those that they do not know.
package struct CollectorStatus: Codable, Equatable {
  static let schema = "millwright.status/1"

  enum State: String, Codable {
    /// The store is claimed and the journal read, which may take minutes.
    case starting
    /// Tries to reach the broker.
    case disconnected
    case connected
    /// Ended as it was asked to.
    case stopped
    /// Ended by itself: `failure` says why.
    case failed
  }

  struct Broker: Codable, Equatable {
    var host: String
    var port: Int
    var protocolVersion: String
    /// `tls` or `tcp`.
    var transport: String
    /// Of libmosquitto, as found at run time.
    var library: String
    /// nil until the store is claimed.
    var clientId: String?
    /// The newest connection; nil before the first.
    var connectedAt: String?
    /// Whether it resumed the session, so that the broker had kept what was sent meanwhile.
    var resumed: Bool?
    /// Connections since the start.
    var connections = 0
    /// Connections that another client with the same client id ended.
    var takeovers = 0
    var lastDisconnectedAt: String?
    var lastDisconnectReason: String?
  }

  struct Messages: Codable, Equatable {
    /// Receipt of the newest one since the start; nil before the first.
    var newestAt: String?
    var total = 0
    var refused = 0
    /// Delivered again.
    var redelivered = 0
    /// For filters of earlier configurations.
    var former = 0
    /// Over the last minute.
    var perSecond = 0.0
    var refusedLastMinute = 0
  }

  struct Refusal: Codable, Equatable {
    var reason: String
    /// Since the start.
    var messages: Int
    var lastMinute: Int
    var example: Example?

    struct Example: Codable, Equatable {
      var topic: String
      var detail: String
      /// ``Telemetry/Fault`` by its name.
      var fault: String?
      var at: String
      /// BLOCK/RECORD of `quarantine show`.
      var place: String
    }
  }

  /// How far the collector is behind.
  struct Lag: Codable, Equatable {
    /// Longest time that a batch took to be stored, in the last minute: acknowledgements wait for it. Milliseconds.
    var longestCommit = 0
    /// Rows that wait to be written to the views, on which reports are based.
    var rows = 0
  }

  struct Disk: Codable, Equatable {
    /// Bytes of the store's file system, and those that the collector may still use.
    var total: Int64
    var free: Int64
  }

  /// Something to act on, as long as it holds.
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

  /// Puts the status in place of the one before. It survives no power cut, and need not.
  func write(to path: String) throws(StoreError) {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let text = try? encoder.encode(self) else { throw StoreError(.io, "\(path): cannot be encoded") }
    try StoreDirectory.replace(path, with: String(decoding: text, as: UTF8.self) + "\n", isDurable: false)
  }

  /// The newest status in a file; nil when there is none. One that is not a status is an error.
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
  /// What the collector says of itself, renewed once a second.
  var status: String { path + "/status.json" }
}
