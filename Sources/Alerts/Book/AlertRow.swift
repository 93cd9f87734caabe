import GRDB
import Journal
import Telemetry

/// Reads columns that may hold anything, since a damaged file is input: what does not fit is `corrupt`, not a trap.
extension Row {
  /// A text.
  func text(_ column: String) throws(StoreError) -> String {
    guard let text = try optionalText(column) else { throw misfit(column) }
    return text
  }

  /// A text, or NULL.
  func optionalText(_ column: String) throws(StoreError) -> String? {
    switch (self[column] as DatabaseValue?)?.storage {
    case .string(let text): return text
    case .null: return nil
    default: throw misfit(column)
    }
  }

  /// A count from 0 to 2⁴⁸.
  func count(_ column: String) throws(StoreError) -> Int {
    guard case .int64(let stored) = (self[column] as DatabaseValue?)?.storage,
      (0...(1 << 48)).contains(stored)
    else { throw misfit(column) }
    return Int(stored)
  }

  /// An instant of a day that can be written as a date.
  func instant(_ column: String) throws(StoreError) -> Timestamp {
    guard let instant = try optionalInstant(column) else { throw misfit(column) }
    return instant
  }

  /// The same, or NULL.
  func optionalInstant(_ column: String) throws(StoreError) -> Timestamp? {
    switch (self[column] as DatabaseValue?)?.storage {
    case .int64(let stored):
      let instant = Timestamp(milliseconds: stored)
      guard CalendarDay.instants.contains(instant) else { throw misfit(column) }
      return instant
    case .null: return nil
    default: throw misfit(column)
    }
  }

  private func misfit(_ column: String) -> StoreError {
    StoreError(
      .corrupt,
      "a row's \(column) is not what it must be; move the file away: alerts that last are then raised again",
      "数据行的 \(column) 无效：请移走该文件，持续中的告警将重新触发")
  }
}
