import Configuration
import SQLiteStore
import Journal
import Decoding
import Foundation
import Ingestion
import Storage
import Telemetry

/// Stores the decision to read earlier messages by the present sources in the journal: through the collector that
/// holds the store, or directly if none does.
struct Rereading {
  let settings: Settings
  let directory: StoreDirectory

  /// Time to wait for a running collector. It checks for requests once a second unless it is storing.
  private static let patience = Duration.seconds(60)

  /// Stores the decision for the days from `text` on, or for all; returns the first day and the block of the
  /// decision.
  func decide(from text: String?) throws -> (day: CalendarDay, block: Int64) {
    let day = try day(text)
    let before = try decisions().last ?? 0
    do {
      try decideHere(from: day)
    } catch let error as StoreError where error.kind == .locked {
      try ask(from: day, decidedBefore: before)
    }
    guard let block = try decisions().last, block > before else {
      throw CommandFailure(
        .tryAgain,
        "the collector refused the decision, because its sources differ from \(settings.file); restart it and run this again"
      )
    }
    return (day, block)
  }

  // MARK: -

  private func day(_ text: String?) throws -> CalendarDay {
    let days = try JournalReader(directory).dayNames()
    guard let oldest = days.first, let newest = days.last else {
      throw CommandFailure(.noInput, "\(directory.journal): no messages to read anew")
    }
    guard let text else { return oldest }
    guard let day = CalendarDay(text) else {
      throw CommandFailure(.usage, "--from: '\(text.inert)' is not a day, such as \(newest)")
    }
    guard day <= newest else {
      throw CommandFailure(.usage, "--from: the journal's newest day is \(newest)")
    }
    return max(day, oldest)
  }

  private func decisions() throws -> [Int64] {
    try JournalReader(directory).outline(reaching: 0).openings.filter(\.isRereading).map(\.block)
  }

  private func decideHere(from day: CalendarDay) throws {
    let calendar = settings.district.calendar
    let store = SQLiteShardStore(
      directory: directory, calendar: calendar, horizonMinimum: settings.presence.horizonMinimum,
      journal: try settings.journalSettings())
    defer { store.release() }
    let shard = try Shard(
      store: store, settings: try settings.shardSettings(), register: { [] }, emit: { _ in })
    try shard.reread(from: day, at: InstantArgument.now)
    try shard.finish()
  }

  private func ask(from day: CalendarDay, decidedBefore before: Int64) throws {
    let sources = try settings.shardSettings().rules.digest
    if let last = try DecodingRules.journaledLast(in: directory.records()), last.digest != sources {
      throw CommandFailure(
        .tryAgain,
        "the collector's sources differ from \(settings.file); restart it, and run this again once it has connected"
      )
    }
    try directory.leave(RereadingRequest(day: day, sources: sources))
    let deadline = ContinuousClock.now + Self.patience
    while directory.rereadingRequest != nil {
      guard ContinuousClock.now < deadline else {
        // A withdrawn request is not answered any more.
        guard directory.removeRereadingRequest() else { return }
        throw CommandFailure(
          .tryAgain,
          "the collector that holds \(directory.path) did not answer within a minute: it answers only while it is connected; see its log, and run this again"
        )
      }
      Thread.sleep(forTimeInterval: 0.1)
    }
  }
}
