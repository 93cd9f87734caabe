/// The filters of a connection: which are requested, granted, refused and unsubscribed.
extension ConnectionState {
  /// Whether the broker has granted the subscriptions.
  package var isSubscribed: Bool { subscriptions == .answered }

  /// Whether the session may still hold the former filters.
  package var holdsFormer: Bool { former == .wanted || former == .asked }

  /// The filters in effect, and the former ones that the session may still hold.
  package var filters: Subscriptions {
    Subscriptions(current: settings.subscriptions, former: holdsFormer ? settings.former : [])
  }

  /// Filters to use that the broker has not answered yet; nil if there are none.
  package var pendingChange: Subscriptions? { change ?? requested }

  /// Whether the broker was asked for the newest filters and has not answered, as far as this state knows. False once
  /// others are to replace the requested ones.
  package var isAskingForChange: Bool { requested != nil && change == nil }

  /// Other filters are to be subscribed, and former ones to be unsubscribed after that.
  package mutating func change(to filters: Subscriptions) { change = filters }

  /// Takes the handler's refusal of the filters of ``Action/reportSubscribed(_:)``: those before are in effect again.
  /// Without effect for the filters that the connection began with.
  package mutating func declined() {
    guard let earlier = earlier.take() else { return }
    settings.subscriptions = earlier.subscriptions
    leave(earlier.added, after: earlier.former)
  }

  /// Whether filters wait to be changed, and no answer of the broker is awaited that could be taken for another.
  var canChange: Bool {
    change != nil && subscriptions == .answered && optional != .asked && former != .asked
  }

  /// Whether filters were changed without asking the broker for any.
  var hasChanged: Bool { subscriptions == .answered && (granted != nil || former == .wanted) }

  /// Begins to use other filters: returns the action for those that the broker has not granted yet.
  mutating func beginChange() -> Action? {
    guard canChange, let filters = change.take() else { return nil }
    let added = filters.current.filter { !settings.subscriptions.contains($0) }
    guard !added.isEmpty else {
      use(filters, added: [])
      return nil
    }
    requested = filters
    asked = added
    subscriptions = .asked
    return .subscribe(added)
  }

  /// Uses other filters, all of which are granted.
  mutating func use(_ filters: Subscriptions, added: [String]) {
    earlier = (settings.subscriptions, holdsFormer ? settings.former : [], added)
    settings.subscriptions = filters.current
    settings.former = filters.former
    former = filters.former.isEmpty ? .unneeded : .wanted
    granted = filters.current
  }

  /// Unsubscribes filters that are not used: the broker may hold some of them, perhaps at QoS 0.
  mutating func leave(_ filters: [String], after held: [String]) {
    settings.former = held + filters.filter { !held.contains($0) }
    former = settings.former.isEmpty ? .unneeded : .wanted
  }

  func hasAnswer(_ facts: Facts) -> Bool {
    subscriptions == .asked && facts.granted != nil || former == .asked && facts.isUnsubscribed
  }

  /// Checks the broker's answers.
  mutating func look(_ facts: Facts) -> Action? {
    if subscriptions == .asked, let codes = facts.granted {
      if let action = take(codes) { return action }
    }
    if subscriptions == .answered {
      if isAnnounced, let filters = granted.take() { return .reportSubscribed(filters) }
      if let announcement = announce() { return announcement }
      if former == .wanted {
        former = .asked
        return .unsubscribe(settings.former)
      }
      if optional == .wanted {
        optional = .asked
        return .subscribeOptionally(settings.optional)
      }
      if optional == .asked, facts.granted != nil { optional = .answered }
    }
    if former == .asked, facts.isUnsubscribed {
      former = .answered
      return .reportUnsubscribed(settings.former)
    }
    return facts.hasOutcomes ? .reportOutcomes : nil
  }

  /// Takes the broker's answer to SUBSCRIBE; returns the action if it refuses a filter.
  mutating func take(_ codes: [Int32]) -> Action? {
    let refusals = refusals(codes)
    if let first = refusals.first, requested == nil {
      return .refuse(filter: first.filter, code: first.code)
    }
    subscriptions = .answered
    hasGranted = true
    guard let filters = requested.take() else { return nil }
    guard !refusals.isEmpty else {
      use(filters, added: asked)
      return nil
    }
    leave(asked, after: holdsFormer ? settings.former : [])
    return .reportRefused(
      filters.current,
      refusals.map { RefusedFilter(filter: $0.filter, code: UInt8(truncatingIfNeeded: $0.code)) })
  }

  /// The filters that the broker's answer to SUBSCRIBE does not grant at the least quality.
  func refusals(_ codes: [Int32]) -> [(filter: String, code: Int32)] {
    asked.enumerated().compactMap { index, filter in
      let code = index < codes.count ? codes[index] : 0x80
      return code < settings.leastQuality || code >= 0x80 ? (filter, code) : nil
    }
  }
}
