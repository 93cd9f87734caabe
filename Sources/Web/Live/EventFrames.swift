import Reporting
import Synchronization

/// Events of the district as Server-Sent Events (WHATWG HTML, 9.2): each viewer gets the regions that changed since
/// the snapshot that it has. So nothing waits for a slow viewer: it gets fewer events with more in them.
package final class EventFrames: Sendable {
  private struct Key: Hashable {
    var language: Language
    var factory: String?
    var since: Int
  }

  private struct State {
    var number = 0
    /// Frames to the snapshot `number`.
    var frames: [Key: [UInt8]] = [:]
    /// Ids of the newest snapshots by their number.
    var ids: [(number: Int, id: String)] = []
  }

  /// Number of snapshots whose ids a viewer that comes back may name.
  private static let remembered = 128
  /// Milliseconds after which a page connects again.
  static let retry = 2000

  private let state = Mutex(State())

  /// Frames of no snapshot yet.
  package init() {}

  /// Makes a snapshot known to viewers that come back.
  package func note(_ snapshot: Snapshot) {
    state.withLock { state in
      guard state.number < snapshot.number else { return }
      state.number = snapshot.number
      state.frames = [:]
      state.ids.append((snapshot.number, snapshot.id))
      if state.ids.count > Self.remembered { state.ids.removeFirst() }
    }
  }

  /// The number of the snapshot with an id; 0 if it is not known, so that everything is sent.
  package func number(of id: String?) -> Int {
    guard let id else { return 0 }
    return state.withLock { state in state.ids.last { $0.id == id }?.number ?? 0 }
  }

  /// The event that brings a viewer from snapshot `since` to `snapshot`; nil if the moment and everything that the viewer
  /// sees are the same.
  package func frame(_ snapshot: Snapshot, since: Int, for request: EventRequest) -> [UInt8]? {
    var factory: String?
    if case .factory(let id) = request.viewer { factory = id }
    let key = Key(language: request.language, factory: factory, since: since)
    let known = state.withLock { $0.number == snapshot.number ? $0.frames[key] : nil }
    if let known { return known.isEmpty ? nil : known }
    let frame = Self.frame(snapshot, since: since, for: request)
    state.withLock { if $0.number == snapshot.number { $0.frames[key] = frame ?? [] } }
    return frame
  }

  private static func frame(_ snapshot: Snapshot, since: Int, for request: EventRequest) -> [UInt8]? {
    let changed = snapshot.regions.filter { $0.changed > since && $0.isSeen(by: request.viewer) }
    // Pages whose parts are not sent load themselves again at another moment.
    guard !changed.isEmpty || snapshot.momentChanged > since else { return nil }
    let data = JSON.object([
      ("moment", .string(snapshot.moment.tag)),
      (
        "regions",
        .array(
          changed.map { region in
            .object([
              ("id", .string(region.id)), ("html", .string(region.markup[request.language] ?? "")),
            ])
          })
      ),
    ])
    // The data are one line: JSON has no line end outside of strings, and escapes those inside.
    return Array("id: \(snapshot.id)\nevent: regions\ndata: \(data.serialized())\n\n".utf8)
  }

  /// The first bytes of a connection.
  package static let opening = Array("retry: \(retry)\n\n".utf8)
  /// Shows a viewer that the server is there while nothing changes.
  package static let beat = Array("event: beat\ndata: {}\n\n".utf8)
}
