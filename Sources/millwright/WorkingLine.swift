import Foundation
import Synchronization

/// Says on a terminal's standard error that a step takes long; elsewhere nothing is printed.
enum WorkingLine {
  /// Runs `body`, and shows `text` with the seconds that have passed, from the first second on.
  static func during<Result>(_ text: String, _ body: () throws -> Result) rethrows -> Result {
    guard isatty(STDERR_FILENO) == 1 else { return try body() }
    let line = text.inert
    let timer = DispatchSource.makeTimerSource(queue: .global())
    timer.schedule(deadline: .now() + 1, repeating: 1)
    let shown = Shown()
    timer.setEventHandler { shown.tick(line) }
    timer.resume()
    defer {
      timer.cancel()
      shown.end()
    }
    return try body()
  }

  /// The line as it stands on the terminal.
  private final class Shown: Sendable {
    private let state = Mutex<(seconds: Int, isOver: Bool)>((0, false))

    func tick(_ line: String) {
      state.withLock { state in
        guard !state.isOver else { return }
        state.seconds += 1
        FileHandle.standardError.write(Data("\r\(line) … \(state.seconds) s\u{1B}[K".utf8))
      }
    }

    func end() {
      state.withLock { state in
        if state.seconds > 0 { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
        state.isOver = true
      }
    }
  }
}
