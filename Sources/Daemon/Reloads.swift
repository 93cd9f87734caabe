import Configuration
import Synchronization

/// The configuration that a collector runs by, and the one that waits to take its place. Any thread may use it.
final class Reloads: Sendable {
  private struct State: Sendable {
    /// With everything that has been asked for since.
    var asked: CollectorSettings
    /// How often another one was asked for, and which of them is in effect.
    var count = 0
    var taken = 0
  }
  private let state: Mutex<State>

  init(_ settings: CollectorSettings) { state = Mutex(State(asked: settings)) }

  /// Replaces the running configuration, as far as that is possible without a restart; returns the keys that
  /// need one.
  func ask(for settings: CollectorSettings) throws(SettingsErrors) -> [String] {
    try state.withLock { (state) throws(SettingsErrors) -> [String] in
      let keys = state.asked.keysNeedingRestart(in: settings)
      state.asked = try state.asked.reloading(settings)
      state.count += 1
      return keys
    }
  }

  /// The configuration that waits, with its number; nil if none does.
  var next: (settings: CollectorSettings, number: Int)? {
    state.withLock { $0.taken < $0.count ? ($0.asked, $0.count) : nil }
  }

  /// The configuration of that number is in effect.
  func taken(_ number: Int) { state.withLock { $0.taken = number } }
}
