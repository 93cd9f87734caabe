import Decoding
import Journal
import MQTT
import Storage

/// The topic filters that the broker's session may hold, as the store keeps them. A persistent session remembers a
/// filter until it is unsubscribed, even when the configuration no longer has it.
///
/// A filter is recorded before it is subscribed, and removed once the broker has confirmed the unsubscription: a
/// crash in between loses none. Filters that are requested and not granted yet are marked, because the broker delivers
/// what it retains for a filter that is new to it.
package struct SubscriptionRecord {
  private let notes: any ShardNotes
  /// Filters of the sources in effect.
  package private(set) var current: [String]
  /// Other filters that the session may hold: of earlier configurations, or requested for the next one.
  package private(set) var former: [String]
  /// Filters that were in effect when the broker granted them last. Others may be new to the broker when they are
  /// subscribed: it may have removed a former one without a confirmation that arrived.
  package private(set) var granted: Set<String>

  /// Reads a shard's record without changing it.
  package init(_ notes: any ShardNotes, current: [String]) throws(StoreError) {
    self.notes = notes
    self.current = current
    let kept = try notes.sessionFilters()
    former = kept.map(\.filter).filter { !current.contains($0) }
    granted = Set(kept.filter(\.isGranted).map(\.filter))
  }

  /// Adds the filters of the configuration. Call it with the store claimed, before they are subscribed.
  package func begin() throws(StoreError) {
    if try notes.sessionFilters() != filters { try keep() }
  }

  /// Adds filters that are to be subscribed next. Those of the configuration stay in effect.
  package mutating func request(_ filters: [String]) throws(StoreError) {
    let added = filters.filter { !current.contains($0) && !former.contains($0) }
    guard !added.isEmpty else { return }
    former += added
    do throws(StoreError) { try keep() } catch {
      former.removeLast(added.count)
      throw error
    }
  }

  /// Whether a window has a message of a filter that is requested, and of none in effect.
  package func isAhead(of requested: [String], _ window: borrowing Window) -> Bool {
    let new = requested.filter { !current.contains($0) }.map { TopicFilter($0) }
    guard !new.isEmpty else { return false }
    let present = current.map { TopicFilter($0) }
    for index in 0..<window.count {
      let topic = window.topic(index)
      if new.contains(where: { $0.matches(topic) }), !present.contains(where: { $0.matches(topic) }) {
        return true
      }
    }
    return false
  }

  /// The filters besides some that the session may hold.
  package func filters(besides filters: [String]) -> [String] {
    (former + current).filter { !filters.contains($0) }
  }

  /// Uses other filters, which are recorded already; those that the configuration no longer has become former ones.
  package mutating func use(_ filters: [String]) {
    (current, former) = (filters, self.filters(besides: filters))
  }

  /// Notes that the broker has granted the filters in effect. Call it before former ones are unsubscribed. If this
  /// cannot be stored, the next grant stores it.
  package mutating func grant(_ filters: [String]) throws(StoreError) { try note(granted: Set(filters)) }

  /// Notes that the broker made the session anew, without filters. Call it before the session is used.
  package mutating func revoke() throws(StoreError) { try note(granted: []) }

  private mutating func note(granted new: Set<String>) throws(StoreError) {
    let before = granted
    granted = new
    guard granted != before else { return }
    do throws(StoreError) { try keep() } catch {
      granted = before
      throw error
    }
  }

  /// Removes filters that are unsubscribed.
  package mutating func forget(_ filters: [String]) throws(StoreError) {
    former.removeAll { filters.contains($0) }
    try keep()
  }

  private var filters: [SessionFilter] {
    (former + current).map { SessionFilter($0, isGranted: granted.contains($0)) }
  }

  private func keep() throws(StoreError) { try notes.keep(filters) }
}
