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

  /// Stores the decision for the messages of a scope; returns its block.
  func decide(_ scope: RereadingScope) throws -> Int64 {
    let before = try decisions().last ?? 0
    do {
      try decideHere(scope)
    } catch let error as StoreError where error.kind == .locked {
      try ask(scope, decidedBefore: before)
    }
    guard let block = try decisions().last, block > before else {
      throw CommandFailure(
        .tryAgain,
        "the collector refused the decision, because its sources differ from \(settings.file); send it SIGHUP and run this again"
      )
    }
    return block
  }

  /// The first day of the journal that is read anew: a day that was asked for, or the oldest.
  static func firstDay(in directory: StoreDirectory, from text: String?) throws -> CalendarDay {
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

  // MARK: -

  private func decisions() throws -> [Int64] {
    try JournalReader(directory).outline(reaching: 0).openings.filter(\.isRereading).map(\.block)
  }

  private func decideHere(_ scope: RereadingScope) throws {
    let calendar = settings.district.calendar
    let store = SQLiteShardStore(
      directory: directory, calendar: calendar, horizonMinimum: settings.presence.horizonMinimum,
      journal: try settings.journalSettings())
    defer { store.release() }
    let shard = try Shard(
      store: store, settings: try settings.shardSettings(), register: { [] }, emit: { _ in })
    try shard.reread(scope, at: InstantArgument.now)
    try shard.finish()
  }

  private func ask(_ scope: RereadingScope, decidedBefore before: Int64) throws {
    let sources = try settings.shardSettings().rules.digest
    if let last = try DecodingRules.journaledLast(in: directory.records()), last.digest != sources {
      throw CommandFailure(
        .tryAgain,
        "the collector's sources differ from \(settings.file); send it SIGHUP, and run this again once its log says that the configuration is in effect"
      )
    }
    try directory.leave(RereadingRequest(scope, sources: sources))
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
