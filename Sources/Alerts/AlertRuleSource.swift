import Configuration
import Glibc
import Logging
import Synchronization

/// The rules of a file as it is now. A file that has changed is read again; while it has errors, the earlier rules apply.
/// Any thread may use it.
public final class AlertRuleSource: Sendable {
  /// The rules that apply, and why those of the file do not.
  public struct Current: Equatable, Sendable {
    public var rules: AlertRules
    /// Errors of the file as it is now; nil if its rules apply.
    public var errors: SettingsErrors?
  }

  /// Properties of a file that a writer changes: device, number, size and time of the last change.
  private struct Stamp: Equatable, Sendable {
    var device: UInt
    var file: UInt
    var size: Int
    var seconds: Int
    var nanoseconds: Int

    /// The stamp of the file at a path; nil if there is none.
    init?(_ path: String) {
      var status = stat()
      guard stat(path, &status) == 0 else { return nil }
      device = UInt(status.st_dev)
      file = UInt(status.st_ino)
      size = Int(status.st_size)
      seconds = status.st_ctim.tv_sec
      nanoseconds = status.st_ctim.tv_nsec
    }
  }

  private struct State: Sendable {
    var current: Current
    var stamp: Stamp?
  }

  /// The configuration that names the file; nil for rules that never change.
  private let settings: Settings?
  private let log: Logger
  private let state: Mutex<State>

  /// Rules that never change.
  public init(_ rules: AlertRules) {
    settings = nil
    log = Logger(label: "alerts") { _ in SwiftLogNoOpLogHandler() }
    state = Mutex(State(current: Current(rules: rules), stamp: nil))
  }

  /// The rules of the file that a configuration names; nil if it names none.
  ///
  /// - Parameter log: gets a line each time the file is read again.
  /// - Throws: every problem of the file.
  public init?(_ settings: Settings, log: Logger) throws(SettingsErrors) {
    // A file that is written while it is read has another stamp afterwards.
    let stamp = settings.alerts.rulesFile.flatMap(Stamp.init)
    guard let rules = try settings.alertRules() else { return nil }
    self.settings = settings
    self.log = log
    state = Mutex(State(current: Current(rules: rules), stamp: stamp))
  }

  /// The rules at this moment. A file whose stamp has changed is read again.
  public var current: Current { read(always: false) }

  /// Reads the file again although its stamp is the same: a policy that it names may have changed.
  public func reload() { _ = read(always: true) }

  private func read(always: Bool) -> Current {
    guard let settings, let path = settings.alerts.rulesFile else { return state.withLock { $0.current } }
    return state.withLock { state in
      let stamp = Stamp(path)
      guard always || stamp != state.stamp else { return state.current }
      state.stamp = stamp
      do throws(SettingsErrors) {
        // The configuration names a file, so there are rules.
        guard let rules = try settings.alertRules() else { return state.current }
        state.current = Current(rules: rules)
        log.notice("the rules of alerts were read again", metadata: ["rules": "\(rules.rules.count)"])
      } catch {
        state.current.errors = error
        log.error(
          "the changed rules of alerts have errors; the earlier rules apply until the file is corrected: \(error)"
        )
      }
      return state.current
    }
  }
}
