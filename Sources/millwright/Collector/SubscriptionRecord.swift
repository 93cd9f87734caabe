import Foundation
import Journal
import SQLiteStore

/// The topic filters that the broker's session may hold: `subscriptions` in the store's folder, one a line. A
/// persistent session remembers a filter until it is unsubscribed, even when the configuration no longer has it.
///
/// A filter is recorded before it is subscribed, and removed once the broker has confirmed the unsubscription: a
/// crash in between loses none.
struct SubscriptionRecord {
  private let path: String
  /// Filters of the configuration.
  let current: [String]
  /// Filters of earlier configurations.
  private(set) var former: [String]

  /// Reads a store's record without changing it.
  init(_ directory: StoreDirectory, current: [String]) throws(StoreError) {
    path = directory.path + "/subscriptions"
    self.current = current
    former = try Self.read(path).filter { !current.contains($0) }
  }

  /// Adds the filters of the configuration. Call it with the store claimed, before they are subscribed.
  func begin() throws(StoreError) {
    if try Self.read(path) != former + current { try write(former + current) }
  }

  /// Removes filters that are unsubscribed.
  mutating func forget(_ filters: [String]) throws(StoreError) {
    former.removeAll { filters.contains($0) }
    try write(former + current)
  }

  private static func read(_ path: String) throws(StoreError) -> [String] {
    guard FileManager.default.fileExists(atPath: path) else { return [] }
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw StoreError(
        .corrupt, "\(path): cannot be read; remove it, and filters of earlier configurations stay subscribed")
    }
    // Keep only filters that MQTT allows; anything else is damage that must not be sent to the broker.
    return text.split(separator: "\n").map(String.init)
      .filter { $0.utf8.count <= 65_535 && !$0.utf8.contains(0) }
  }

  private func write(_ filters: [String]) throws(StoreError) {
    try StoreFile.replace(path, with: filters.map { $0 + "\n" }.joined())
  }
}
