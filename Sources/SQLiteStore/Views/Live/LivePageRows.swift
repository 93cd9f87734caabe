import GRDB
import Journal
import Telemetry

/// Writes pages.
struct LivePageWriter {
  private var rows: RowWriter

  /// A writer into `live_page` of an attached database.
  init(_ database: Database, schema: String = "main") throws {
    rows = try RowWriter(database, sql: "INSERT OR REPLACE INTO \(schema).live_page VALUES (?,?)")
  }

  /// Writes the page that holds `timelines`.
  mutating func write(_ page: Int32, _ timelines: ArraySlice<Timeline>) throws {
    try LivePage.withEncoded(timelines) { bytes in
      rows.bind(page)
      rows.bind(bytes)
      try rows.step()
    }
  }
}

/// Reads timelines out of pages, the cheaper the nearer one is to the one before.
final class LivePageReader {
  private let statement: StatementReader
  private var page: Int32 = -1
  /// The page's bytes, and the padding after them.
  private var bytes: [UInt8] = []
  private var count = 0

  /// A reader of `live_page` of an attached database.
  init(_ database: Database, schema: String = "main") throws {
    statement = try StatementReader(
      database, sql: "SELECT timelines FROM \(schema).live_page WHERE number = ?1")
  }

  /// The timeline of a sender with its open day; nil when it was never heard.
  ///
  /// - Parameter withoutMinutes: whether the minutes of the open day may be left out.
  func timeline(of sender: EquipmentNumber, withoutMinutes: Bool = false) throws -> Timeline? {
    guard sender >= 0 else { throw StoreError(.corrupt, "equipment has the number \(sender)") }
    try read(LivePage.number(of: sender))
    return try bytes.withUnsafeBytes {
      try LivePage.timeline(of: sender, in: $0, count: count, withoutMinutes: withoutMinutes)
    }
  }

  /// Takes the bytes of a page in.
  private func read(_ wanted: Int32) throws {
    guard wanted != page else { return }
    page = -1
    bytes.removeAll(keepingCapacity: true)
    statement.bind(Int64(wanted))
    _ = try statement.first { try $0.blob(0) { bytes.append(contentsOf: $0) } }
    count = bytes.count
    bytes.appendPadding()
    page = wanted
  }
}
