import Configuration
import Ingestion
import MQTT
import Synchronization

/// The mailbox of the Sparkplug host application's session, which may begin and end while the collector runs. Any thread
/// may use it.
final class HostMailbox: Sendable {
  private struct State {
    var mailbox: Mailbox?
    var isStopping = false
  }
  private let state = Mutex(State())

  /// Begins a session; nil if the collector is stopping. Throws if the process has no file descriptors left.
  func begin() throws -> Mailbox? {
    let mailbox = try Mailbox()
    return state.withLock { state in
      if state.isStopping { return nil }
      state.mailbox = mailbox
      return mailbox
    }
  }

  /// Asks the session, if there is one, to end; the collector goes on.
  func leave() { state.withLock { $0.mailbox }?.stop() }

  /// Asks the session to end, and lets none begin; returns whether there is one.
  @discardableResult
  func stop() -> Bool {
    let mailbox = state.withLock { state in
      state.isStopping = true
      return state.mailbox
    }
    mailbox?.stop()
    return mailbox != nil
  }

  /// Whether ``stop()`` was called.
  var isStopping: Bool { state.withLock { $0.isStopping } }

  /// The session has ended.
  func ended() { state.withLock { $0.mailbox = nil } }
}

/// Begins and ends the session of the Sparkplug host application as the configuration wants it. Used on the sessions'
/// thread only.
final class HostSessions {
  let joining = SessionGroup.Joining()
  private let mailbox: HostMailbox
  private let run: CollectorRun
  /// Settings of the session that runs; nil for none.
  private var current: Settings.Sparkplug?
  private var wanted: Settings.Sparkplug?

  init(_ mailbox: HostMailbox, _ run: CollectorRun) {
    self.mailbox = mailbox
    self.run = run
  }

  /// Uses the settings of a configuration; nil without a Sparkplug source. A session with other settings ends first.
  ///
  /// - Throws: the reason why a session cannot begin.
  func use(_ sparkplug: Settings.Sparkplug?) throws {
    wanted = sparkplug
    guard current != wanted else { return }
    if current != nil { return mailbox.leave() }
    try begin()
  }

  /// The session has ended as requested; returns whether that was for another configuration, so that the collector goes
  /// on.
  func ended() throws -> Bool {
    mailbox.ended()
    current = nil
    if mailbox.isStopping { return false }
    try run.hostLeft(isReplaced: wanted != nil)
    try begin()
    return true
  }

  private func begin() throws {
    guard let wanted, let box = try mailbox.begin() else { return }
    let host = run.host(wanted, box)
    do {
      joining.add(
        try BrokerSession.open(settings: try run.hostSettings(of: host), mailbox: box), handler: host)
    } catch {
      mailbox.ended()
      throw error
    }
    current = wanted
  }
}
