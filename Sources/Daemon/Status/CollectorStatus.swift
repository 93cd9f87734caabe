import Foundation
import Journal
import Storage

/// Status of a collector at one moment, as its store keeps it: written once a second. Times are RFC 3339 in the
/// district's time zone. Fields may be added; readers ignore unknown ones, and a field that earlier versions did not
/// write is nil.
public struct CollectorStatus: Codable, Equatable, Sendable {
  /// Name of the format.
  public static let schema = "millwright.status/1"

  /// State of a collector.
  public enum State: String, Codable, Sendable {
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

  /// The broker and the connection to it.
  public struct Broker: Codable, Equatable, Sendable {
    public var host: String
    public var port: Int
    public var protocolVersion: String
    /// `tls` or `tcp`.
    public var transport: String
    /// Version of libmosquitto found at run time.
    public var library: String
    /// nil until the store is claimed.
    public var clientId: String?
    /// Time of the newest connection; nil before the first.
    public var connectedAt: String?
    /// Whether it resumed the session, so that the broker had kept messages meanwhile.
    public var resumed: Bool?
    /// Number of connections since the start.
    public var connections = 0
    /// Number of connections ended by another client with the same client id.
    public var takeovers = 0
    public var lastDisconnectedAt: String?
    public var lastDisconnectReason: String?
    /// Topic filters that the broker has granted; empty while there is no connection.
    public var subscriptions: [String]?
  }

  /// Counts of messages since the start.
  public struct Messages: Codable, Equatable, Sendable {
    /// Receipt of the newest message since the start; nil before the first.
    public var newestAt: String?
    public var total = 0
    public var refused = 0
    /// Messages delivered again.
    public var redelivered = 0
    /// Messages for filters of earlier configurations.
    public var former = 0
    /// Windows stored.
    public var windows: Int?
    /// Messages a second, over the last minute.
    public var perSecond = 0.0
    public var refusedLastMinute = 0
    /// Refused messages that the present sources could read, as found after the sources changed: `quarantine retry`
    /// reads them. nil if nobody looked.
    public var readable: Int?
  }

  /// Messages refused for one reason.
  public struct Refusal: Codable, Equatable, Sendable {
    public var reason: String
    /// Number since the start.
    public var messages: Int
    public var lastMinute: Int
    public var example: Example?

    /// One of the messages.
    public struct Example: Codable, Equatable, Sendable {
      public var topic: String
      public var detail: String
      /// Name of the ``Telemetry/Fault``.
      public var fault: String?
      public var at: String
      /// BLOCK/RECORD for `quarantine show`.
      public var place: String
    }
  }

  /// The collector's delays.
  public struct Lag: Codable, Equatable, Sendable {
    /// Longest time for storing a window in the last minute, in milliseconds: acknowledgements wait for it.
    public var longestCommit = 0
    /// Rows waiting to be written to the views, on which reports are based.
    public var rows = 0
  }

  /// Whether the collector hears what is sent.
  public struct Hearing: Codable, Equatable, Sendable {
    /// Result of the collector's probe.
    public enum Probe: String, Codable, Sendable {
      /// None is sent.
      case off
      /// None has come back yet.
      case waiting
      /// It comes back.
      case proved
      /// The broker does not let it through; it is tried again later.
      case refused
    }
    /// Start of the present silence; nil if there is none.
    public var deafSince: String?
    public var probe: Probe
  }

  /// Something that failed and is tried again, or went on without.
  public struct Failure: Codable, Equatable, Sendable {
    public var at: String
    public var message: String
  }

  /// Memory of the process.
  public struct Memory: Codable, Equatable, Sendable {
    /// Bytes in use.
    public var resident: Int64
  }

  /// Room where the store is.
  public struct Disk: Codable, Equatable, Sendable {
    /// Bytes of the store's file system, and those still available to the collector.
    public var total: Int64
    public var free: Int64
  }

  /// A condition that requires action, listed as long as it lasts.
  public struct Warning: Codable, Equatable, Sendable {
    /// A stable word, such as `disk_low`.
    public var code: String
    public var english: String
    public var chinese: String
  }

  public var schema = Self.schema
  public var version: String
  public var process: Int32
  public var host: String
  public var state = State.starting
  public var failure: String?
  /// When this was written.
  public var writtenAt: String
  /// When the thread that serves the broker was last at work.
  public var aliveAt: String?
  public var startedAt: String
  public var store: String
  /// Newest block with messages; 0 before the first.
  public var block: Int64 = 0
  public var senders = 0
  public var broker: Broker
  public var messages = Messages()
  public var refusals: [Refusal] = []
  /// nil while everything is zero.
  public var sparkplug: Sparkplug?
  public var lag = Lag()
  public var hearing: Hearing?
  /// The newest failures, the oldest first; at most five.
  public var errors: [Failure]?
  public var memory: Memory?
  public var disk: Disk?
  public var warnings: [Warning] = []

  init(version: String, process: Int32, host: String, startedAt: String, store: String, broker: Broker) {
    self.version = version
    self.process = process
    self.host = host
    self.startedAt = startedAt
    writtenAt = startedAt
    self.store = store
    self.broker = broker
  }

  // MARK: As text

  /// The status as JSON, with a line end.
  public var text: String {
    get throws(StoreError) {
      let encoder = JSONEncoder()
      encoder.keyEncodingStrategy = .convertToSnakeCase
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      guard let text = try? encoder.encode(self) else {
        throw StoreError(.io, "\(store): the collector's status cannot be encoded")
      }
      return String(decoding: text, as: UTF8.self) + "\n"
    }
  }

  /// Reads a stored status.
  ///
  /// - Throws: ``StoreError`` of kind `.corrupt` for a text that is not a status.
  public init(_ stored: StoredStatus) throws(StoreError) {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    guard let status = try? decoder.decode(CollectorStatus.self, from: Data(stored.text.utf8)) else {
      throw StoreError(
        .corrupt,
        "\(stored.location): is not a collector's status; the next start of the collector replaces it")
    }
    self = status
  }
}
