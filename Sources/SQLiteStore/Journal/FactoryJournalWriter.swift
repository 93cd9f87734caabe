import Journal
import Telemetry

/// Writes the journal of a store anew from one factory's records, block by block as they came.
struct FactoryJournalWriter {
  private let directory: StoreDirectory
  private let calendar: LocalCalendar

  /// A journal in `directory`, which holds none yet.
  init(_ directory: StoreDirectory, calendar: LocalCalendar) {
    self.directory = directory
    self.calendar = calendar
  }

  /// Writes the records, with the days' roots; returns the last block. Nothing is synchronized: what is
  /// written can be written again.
  func write(_ days: [FactoryDayRecords], of factory: String) throws -> Int64 {
    try directory.create()
    let roots = try DayRootStore(writing: directory)
    let journal = try JournalFiles(folder: directory.journal, calendar: calendar, durable: false)
    var builder = try BlockBuilder()
    for day in days {
      try day.forEachBlock { block in
        try block.forEachRecord { record in
          let owner: Int32 =
            switch record.kind {
            case .message, .decoderState: 0
            case .brokerStatus: BlockBuilder.broker
            case .connected, .disconnected, .observedThrough, .sources, .rereading: BlockBuilder.noFactory
            }
          builder.append(
            record.kind, flags: record.flags, received: record.received, factory: owner, topic: record.topic,
            payload: record.payload)
        }
        _ = try journal.append(&builder, factoryID: { _ in factory })
      }
      try roots.append(DayRootStore.ClosedDay(root: day.root, observation: nil))
    }
    return journal.head
  }
}
