import Telemetry

/// A snapshot as the two files of an import.
///
/// Imported into an empty store with `--effective` set to the snapshot's day, the files make the same
/// factories and equipment, with the same service on that day. Two things a row cannot say:
///
/// - that it was carried back from a later import (``RegisterSnapshot/Entry/assumed``): the files state as a
///   fact what the register assumed (``assumed`` counts them);
/// - that it holds from a later day only: such equipment would count too early, so it is left out and
///   counted (``registeredLater``).
///
/// Every cell is written as it is. A text that begins with `=`, `+`, `-`, `@` or a tab is data, as ids such
/// as `-01` are: it is enclosed in quotes and not altered, since a mark put before it would come back as part
/// of it. A spreadsheet that takes such a cell for a formula must be told to import the column as text.
public struct RegisterExport: Sendable {
  /// The language of headings, and of the words yes, no and the degrees of automation.
  public enum Headings: String, CaseIterable, Sendable {
    case english = "en"
    case chinese = "zh"
  }

  /// The day the rows hold from when they are imported.
  public let day: CalendarDay
  /// Ascending by id.
  public let factories: [RegisteredFactory]
  /// Ascending by key.
  public let equipment: [RegisteredEquipment]
  /// Equipment written whose attributes are carried back from a later import.
  public let assumed: Int
  /// Equipment left out, as its rows hold from a later day only.
  public let registeredLater: Int

  /// The content of `snapshot` on its day.
  public init(_ snapshot: RegisterSnapshot) {
    let entries = snapshot.entries.filter { entry in
      entry.service != .notYet || entry.equipment.commissionedOn.map { $0 > snapshot.day } ?? false
    }
    day = snapshot.day
    factories = snapshot.factories
    equipment = entries.map(\.equipment)
    assumed = entries.count(where: \.assumed)
    registeredLater = snapshot.entries.count - entries.count
  }

  /// `factories.csv`: RFC 4180 in UTF-8.
  /// - Parameter byteOrderMark: whether to begin with one, which some spreadsheets need to read UTF-8.
  public func factoriesCSV(_ headings: Headings = .english, byteOrderMark: Bool = false) -> [UInt8] {
    Self.file(FactoryColumn.self, factories, headings, byteOrderMark) { $0.text(of: $1) }
  }

  /// `equipment.csv`: RFC 4180 in UTF-8.
  /// - Parameter byteOrderMark: whether to begin with one, which some spreadsheets need to read UTF-8.
  public func equipmentCSV(_ headings: Headings = .english, byteOrderMark: Bool = false) -> [UInt8] {
    Self.file(EquipmentColumn.self, equipment, headings, byteOrderMark) { column, one in
      let text = column.text(of: one)
      return headings == .chinese ? column.chinese(text) : text
    }
  }

  /// Rows that an import of the files would refuse or read differently; empty if they give exactly these rows.
  ///
  /// A register holds nothing else as long as all of it came from files, but for equipment retired as missing
  /// before it was commissioned.
  public func problems(equipmentName: String, factoriesName: String) -> [RegisterProblem] {
    let rows: RegisterRows
    do throws(RegisterProblems) {
      rows = try RegisterRows.read(
        equipment: RegisterFile(name: equipmentName, bytes: equipmentCSV()),
        factories: RegisterFile(name: factoriesName, bytes: factoriesCSV()))
    } catch {
      return error.problems
    }
    func differs(_ file: String, _ id: String) -> RegisterProblem {
      RegisterProblem(file: file, message: "\(id) is not read back as the register has it")
    }
    return zip(equipment, rows.equipment).filter(!=).map { differs(equipmentName, $0.0.key.description) }
      + zip(factories, rows.factories).filter(!=).map { differs(factoriesName, $0.0.id) }
  }

  private static func file<Column: RegisterColumn, Row>(
    _: Column.Type, _ rows: [Row], _ headings: Headings, _ byteOrderMark: Bool,
    _ text: (Column, Row) -> String
  ) -> [UInt8] {
    var csv = CSVWriter()
    csv.append(Column.allCases.map { headings == .chinese ? $0.chinese : $0.rawValue })
    for row in rows { csv.append(Column.allCases.map { text($0, row) }) }
    // If an import could not recognise the encoding, the file needs the mark.
    let isRecognised = (try? RegisterFile(name: "", bytes: csv.bytes).text()) == csv.bytes
    return (byteOrderMark || !isRecognised ? [0xEF, 0xBB, 0xBF] : []) + csv.bytes
  }
}

extension EquipmentColumn {
  /// The word of a Chinese file for what an English one says; other texts as they are.
  public func chinese(_ text: String) -> String {
    switch self {
    case .automation: Automation(rawValue: text)?.chinese ?? text
    case .meterKind: MeterKind(rawValue: text)?.chinese ?? text
    case .intelligent, .digital, .connectable, .cnc, .keyProcess, .countsOutput:
      text == "yes" ? "是" : text == "no" ? "否" : text
    default: text
    }
  }
}
