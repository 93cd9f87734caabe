import Journal
import Storage

/// The topic filters that the broker's session may hold, as the store keeps them. A persistent session remembers a
/// filter until it is unsubscribed, even when the configuration no longer has it.
///
/// A filter is recorded before it is subscribed, and removed once the broker has confirmed the unsubscription: a
/// crash in between loses none.
struct SubscriptionRecord {
  private let notes: any ShardNotes
  /// Filters of the configuration.
  private(set) var current: [String]
  /// Filters of earlier configurations.
  private(set) var former: [String]

  /// Reads a shard's record without changing it.
  init(_ notes: any ShardNotes, current: [String]) throws(StoreError) {
    self.notes = notes
    self.current = current
    former = try notes.subscriptions().filter { !current.contains($0) }
  }

  /// Adds the filters of the configuration. Call it with the store claimed, before they are subscribed.
  func begin() throws(StoreError) {
    if try notes.subscriptions() != former + current { try notes.keep(subscriptions: former + current) }
  }

  /// Records other filters of the configuration; those that it no longer has become former ones.
  mutating func change(to filters: [String]) throws(StoreError) {
    let gone = (former + current).filter { !filters.contains($0) }
    try notes.keep(subscriptions: gone + filters)
    (current, former) = (filters, gone)
  }

  /// Removes filters that are unsubscribed.
  mutating func forget(_ filters: [String]) throws(StoreError) {
    former.removeAll { filters.contains($0) }
    try notes.keep(subscriptions: former + current)
  }
}
