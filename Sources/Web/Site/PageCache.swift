import Reporting
import Synchronization

/// Answers with pages of the newest snapshot, so that a page that many look at is written and packed once. Any thread may
/// use it.
package final class PageCache: Sendable {
  /// Everything besides the snapshot that a page depends on. It is kept in full: equal hashes of two viewers must not
  /// mix up what they see.
  package struct Key: Hashable {
    private var path: String
    private var query: [String]
    private var language: Language
    private var viewer: Viewer
    private var account: String?
    private var state: String
    private var isPacked: Bool

    /// - Parameter state: tag of what the page shows besides the snapshot.
    package init(_ call: RouteCall, state: String) {
      path = call.request.path
      query = call.request.query.flatMap { [$0.name, $0.value] }
      language = call.language
      viewer = call.viewer
      account = call.account
      self.state = state
      isPacked = call.request.takesGzip
    }
  }

  private struct State {
    var snapshot = ""
    var answers: [Key: WebResponse] = [:]
    var bytes = 0

    /// Keeps an answer, at most ``WebLimits/cachedPages`` bytes in all. Those of another snapshot are dropped.
    mutating func keep(_ answer: WebResponse, for key: Key, at snapshot: String) {
      guard case .bytes(let page) = answer.body else { return }
      // Keys come from peers: a query has up to 16 KiB.
      let cost = page.count + WebLimits.head
      guard cost <= WebLimits.cachedPages else { return }
      if self.snapshot != snapshot || bytes + cost > WebLimits.cachedPages {
        self = State()
        self.snapshot = snapshot
      }
      if answers.updateValue(answer, forKey: key) == nil { bytes += cost }
    }
  }

  private let state = Mutex(State())

  /// A cache without pages.
  package init() {}

  /// The answer with a page at a snapshot: the one that is known, else the one that `make` makes.
  package func answer(
    _ key: Key, at snapshot: Snapshot, _ make: () throws -> WebResponse
  ) rethrows -> WebResponse {
    let known = state.withLock { $0.snapshot == snapshot.id ? $0.answers[key] : nil }
    if let known { return known }
    let made = try make()
    state.withLock { $0.keep(made, for: key, at: snapshot.id) }
    return made
  }
}
