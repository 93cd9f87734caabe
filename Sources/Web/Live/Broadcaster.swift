import Dispatch
import Foundation
import Synchronization

/// Wakes all viewers of the events once a second: one thread, and one snapshot, however many there are. It sleeps
/// while nobody looks.
package final class Broadcaster: Sendable {
  /// The news that a viewer is woken with.
  package struct Tick: Sendable {
    package var snapshot: Snapshot
    /// Whether the viewer is told that the server is there.
    package var isBeat: Bool
  }

  private struct Viewer {
    var address: String
    var ticks: AsyncStream<Tick>.Continuation
  }

  private struct State {
    var viewers: [Int: Viewer] = [:]
    var next = 0
    var isStopped = false
  }

  /// Seconds between two signs of life.
  static let beat = 5

  private let source: SnapshotSource
  let frames: EventFrames
  private let state = Mutex(State())
  private let wanted = DispatchSemaphore(value: 0)
  private let stopping = DispatchSemaphore(value: 0)

  /// A broadcaster, whose thread ends with ``stop()``.
  package init(_ source: SnapshotSource, _ frames: EventFrames) {
    self.source = source
    self.frames = frames
    let thread = Thread { [self] in run() }
    thread.name = "broadcaster"
    thread.stackSize = 4 << 20
    thread.start()
  }

  /// Adds a viewer; nil if there are too many, in all or of its address, or the server is stopping. The stream keeps the
  /// newest tick only. The viewer is removed when the stream ends.
  package func subscribe(from address: String) -> AsyncStream<Tick>? {
    let (stream, continuation) = AsyncStream.makeStream(of: Tick.self, bufferingPolicy: .bufferingNewest(1))
    let number: Int? = state.withLock { state in
      guard !state.isStopped, state.viewers.count < WebLimits.viewers,
        state.viewers.values.count(where: { $0.address == address }) < WebLimits.viewersOfAddress
      else { return nil }
      state.next += 1
      state.viewers[state.next] = Viewer(address: address, ticks: continuation)
      return state.next
    }
    guard let number else { return nil }
    continuation.onTermination = { [weak self] _ in self?.remove(number) }
    wanted.signal()
    return stream
  }

  /// Number of viewers.
  package var viewers: Int { state.withLock { $0.viewers.count } }

  /// Ends all streams and the thread.
  package func stop() {
    let viewers = state.withLock { state in
      state.isStopped = true
      defer { state.viewers = [:] }
      return state.viewers.values.map { $0 }
    }
    for viewer in viewers { viewer.ticks.finish() }
    stopping.signal()
    wanted.signal()
  }

  private func remove(_ number: Int) { state.withLock { _ = $0.viewers.removeValue(forKey: number) } }

  private func run() {
    var beats = 0
    while !state.withLock({ $0.isStopped }) {
      guard viewers > 0 else {
        wanted.wait()
        continue
      }
      beats += 1
      tick(isBeat: beats % Self.beat == 0)
      _ = stopping.wait(timeout: .now() + .milliseconds(Int(SnapshotSource.interval)))
    }
  }

  /// Wakes the viewers with the present snapshot; none if the store could not be read yet.
  private func tick(isBeat: Bool) {
    guard let snapshot = try? source.current() else { return }
    frames.note(snapshot)
    let viewers = state.withLock { Array($0.viewers.values) }
    for viewer in viewers { viewer.ticks.yield(Tick(snapshot: snapshot, isBeat: isBeat)) }
  }
}
