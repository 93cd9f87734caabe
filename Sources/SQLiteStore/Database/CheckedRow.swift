import Foundation
import GRDB
import Journal
import Telemetry

/// Reads columns that may hold anything, since a damaged file is input: what does not fit is `corrupt`, not
/// a trap.
extension Row {
  /// An integer that fits `Value`.
  func integer<Value: FixedWidthInteger>(_ column: String) throws(StoreError) -> Value {
    guard let value: Value = try optionalInteger(column) else { throw misfit(column) }
    return value
  }

  /// An integer that fits `Value`, or NULL.
  func optionalInteger<Value: FixedWidthInteger>(_ column: String) throws(StoreError) -> Value? {
    switch (self[column] as DatabaseValue?)?.storage {
    case .int64(let stored):
      guard let value = Value(exactly: stored) else { throw misfit(column) }
      return value
    case .null: return nil
    default: throw misfit(column)
    }
  }

  /// A sum that never decreases: at least 0.
  func amount<Value: FixedWidthInteger>(_ column: String) throws(StoreError) -> Value {
    let value: Value = try integer(column)
    guard value >= 0 else { throw misfit(column) }
    return value
  }

  /// A count or a block's number: from 0 to 2⁴⁸, so that sums of thousands fit.
  func count<Value: FixedWidthInteger>(_ column: String) throws(StoreError) -> Value {
    let value: Value = try integer(column)
    guard value >= 0, value <= 1 << 48 as Int64 else { throw misfit(column) }
    return value
  }

  /// An instant within ``CalendarDay/instants``; nil for NULL.
  func timestamp(_ column: String) throws(StoreError) -> Timestamp? {
    guard let milliseconds: Int64 = try optionalInteger(column) else { return nil }
    guard let instant = Timestamp(stored: milliseconds) else { throw misfit(column) }
    return instant
  }

  /// An instant within ``CalendarDay/instants``.
  func instant(_ column: String) throws(StoreError) -> Timestamp {
    guard let instant = try timestamp(column) else { throw misfit(column) }
    return instant
  }

  /// A day that can be written as a date; nil for NULL.
  func optionalDay(_ column: String) throws(StoreError) -> CalendarDay? {
    guard let number: Int32 = try optionalInteger(column) else { return nil }
    guard let day = CalendarDay(stored: number) else { throw misfit(column) }
    return day
  }

  /// A day that can be written as a date.
  func day(_ column: String) throws(StoreError) -> CalendarDay {
    guard let day = try optionalDay(column) else { throw misfit(column) }
    return day
  }

  /// A blob.
  func bytes(_ column: String) throws(StoreError) -> [UInt8] {
    guard case .blob(let data) = (self[column] as DatabaseValue?)?.storage else { throw misfit(column) }
    return [UInt8](data)
  }

  /// A blob, or NULL, which a column that the file does not have yet is.
  func optionalBytes(_ column: String) throws(StoreError) -> [UInt8]? {
    guard hasColumn(column) else { return nil }
    if case .null = (self[column] as DatabaseValue?)?.storage { return nil }
    return try bytes(column)
  }

  /// A text.
  func text(_ column: String) throws(StoreError) -> String {
    guard case .string(let text) = (self[column] as DatabaseValue?)?.storage else { throw misfit(column) }
    return text
  }

  /// A text, or NULL.
  func optionalText(_ column: String) throws(StoreError) -> String? {
    if case .null = (self[column] as DatabaseValue?)?.storage { return nil }
    return try text(column)
  }

  /// A digest of 32 bytes.
  func digest(_ column: String) throws(StoreError) -> SHA256Digest {
    guard let digest = SHA256Digest(bytes: try bytes(column)) else { throw misfit(column) }
    return digest
  }

  /// A state by its number.
  func state() throws(StoreError) -> EquipmentState {
    guard let state = EquipmentState(rawValue: try integer("state")) else { throw misfit("state") }
    return state
  }

  /// A mode by its number.
  func mode() throws(StoreError) -> OperatingMode {
    guard let mode = OperatingMode(rawValue: try integer("mode")) else { throw misfit("mode") }
    return mode
  }

  /// A rejection's reason by its number.
  func reason() throws(StoreError) -> RejectionReason {
    guard let reason = RejectionReason(rawValue: try integer("reason")) else { throw misfit("reason") }
    return reason
  }

  func misfit(_ column: String) -> StoreError {
    StoreError(.corrupt, "a row's \(column) is not what it must be; the file is damaged")
  }
}
