import Dispatch
import Foundation
import MQTT
import Simulation
import Telemetry

/// The relation of simulated and real time: messages up to `live` are published at once, later ones at `speed` times
/// real time, up to `end`.
struct Pace {
  var live: Timestamp
  var end: Timestamp
  var speed: Double

  /// Milliseconds after the launch at which a message is due; negative for the backfill.
  func due(_ instant: Timestamp) -> Int64 {
    Int64(Double((instant - live).milliseconds) / speed)
  }
}

/// Publishes a district's messages at their pace, until the end of the simulation or a SIGINT or SIGTERM.
struct Publication {
  /// Time to wait for a broker whose connection was lost.
  private static let patience = Duration.seconds(30)

  private let pace: Pace
  private let endpoint: BrokerEndpoint
  private let mailbox: Mailbox
  private let describe: String
  private var messages: SimulatedMessages
  private var progress = Progress()

  init(_ district: SimulatedDistrict, pace: Pace, endpoint: BrokerEndpoint) throws {
    self.pace = pace
    self.endpoint = endpoint
    messages = district.messages()
    let settings = district.settings
    describe =
      "seed \(settings.seed), start \(settings.start.rfc3339(offset: .hours(8))): "
      + settings.factories.counted("factory", "factories")
      + ", \(settings.factories * settings.equipment) production equipment, "
      + messages.senderCount.counted("sender")
    do { mailbox = try Mailbox() } catch { throw CommandFailure(.unavailable, error.description) }
  }

  mutating func run() throws {
    let signals = stopOnSignals()
    defer { for signal in signals { signal.cancel() } }
    var publisher = try connect()
    print(describe)
    fflush(nil)
    let launch = ContinuousClock.now
    while !mailbox.stopRequested, let next = messages.nextAt, next <= pace.end {
      let wait = pace.due(next) - Self.milliseconds(since: launch)
      if wait > 0 {
        // The wait is divided, because a signal does not interrupt it.
        try keepingConnected(&publisher) { publisher throws(DisconnectReason) in
          try publisher.serve(milliseconds: min(wait, 200))
        }
      } else if let message = messages.next() {
        try keepingConnected(&publisher) { publisher throws(DisconnectReason) in
          try publisher.publish(topic: message.topic, payload: message.payload, retained: message.isRetained)
        }
      }
      progress.show(accepted: publisher.accepted, at: next)
    }
    progress.clear()
    try finish(&publisher, after: Self.milliseconds(since: launch))
  }

  private func finish(_ publisher: inout Publisher, after milliseconds: Int64) throws {
    do throws(DisconnectReason) {
      try publisher.drain(milliseconds: 10_000)
    } catch {
      throw CommandFailure(
        .unavailable, "not acknowledged: \(publisher.outstanding.counted("message")): \(error)")
    }
    publisher.disconnect()
    let seconds = String(format: "%.1f", Double(milliseconds) / 1000)
    print("\(publisher.accepted.counted("message")) published and acknowledged in \(seconds) s")
    if publisher.refused > 0 {
      throw CommandFailure(
        .unavailable,
        "the broker refused \(publisher.refused.counted("message")): its access list must allow this user to write to factory/#"
      )
    }
  }

  // MARK: Connection

  private func connect() throws -> Publisher {
    var publisher: Publisher
    do throws(BrokerSessionError) {
      publisher = try Publisher.open(endpoint: endpoint, maximumInFlight: 1000)
    } catch {
      throw CommandFailure(.usage, error.description)
    }
    do throws(DisconnectReason) { try publisher.connect() } catch { throw unavailable(error) }
    return publisher
  }

  /// Runs an action that needs the connection. If the connection is lost, it reconnects and runs the action again.
  /// Unacknowledged messages are then published again, at worst as duplicates.
  private func keepingConnected(
    _ publisher: inout Publisher, _ action: (inout Publisher) throws(DisconnectReason) -> Void
  ) throws {
    let deadline = ContinuousClock.now + Self.patience
    var broken: DisconnectReason?
    while true {
      do throws(DisconnectReason) {
        if broken != nil {
          try publisher.connect()
          printError("reconnected")
          broken = nil
        }
        return try action(&publisher)
      } catch {
        if mailbox.stopRequested || error.needsOperator || ContinuousClock.now > deadline {
          throw unavailable(error)
        }
        progress.clear()
        if broken == nil { printError("\(error); trying again for \(Self.patience.components.seconds) s") }
        broken = error
        usleep(500_000)
      }
    }
  }

  private func unavailable(_ reason: DisconnectReason) -> CommandFailure {
    CommandFailure(.unavailable, "cannot publish to \(endpoint.host):\(endpoint.port): \(reason)")
  }

  private func stopOnSignals() -> [any DispatchSourceSignal] {
    let mailbox = mailbox
    return [SIGTERM, SIGINT].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { mailbox.stop() }
      source.resume()
      return source
    }
  }

  private static func milliseconds(since launch: ContinuousClock.Instant) -> Int64 {
    let elapsed = launch.duration(to: .now).components
    return elapsed.seconds * 1000 + elapsed.attoseconds / 1_000_000_000_000_000
  }
}

/// The progress line, rewritten once a second, on a terminal only.
private struct Progress {
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private var shown = ContinuousClock.now
  private var acceptedThen = 0

  mutating func show(accepted: Int, at instant: Timestamp) {
    guard isTerminal else { return }
    let elapsed = shown.duration(to: .now)
    guard elapsed >= .seconds(1) else { return }
    let rate = Double(accepted - acceptedThen) / (elapsed / .seconds(1))
    (shown, acceptedThen) = (.now, accepted)
    let line =
      "\(accepted.counted("message")) acknowledged, \(Int(rate)) a second, simulated time "
      + instant.rfc3339(offset: .hours(8))
    FileHandle.standardError.write(Data("\r\u{1B}[K\(line)".utf8))
  }

  /// Removes the line, so that other text does not mix with it.
  func clear() {
    if isTerminal { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
  }
}
