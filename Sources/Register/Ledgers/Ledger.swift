/// A file with one or several tables of equipment, recognised and ready to be read.
public struct Ledger {
  /// Its name as the user gave it.
  public var name: String
  /// The recognised format in words, for the preview: `CSV, UTF-8, commas`.
  public var english: String
  /// The same in Chinese.
  public var chinese: String
  /// Names of its visible sheets in their order; one empty name for a text file.
  public var sheets: [String]
  /// Names of its hidden sheets, which are read only if the user names one.
  public var hidden: [String]
  /// Returns the rows of a sheet from the first one on, each time it is called.
  public var open: (_ sheet: String) throws(RegisterProblem) -> any SheetRows

  /// A recognised file.
  public init(
    name: String, english: String, chinese: String, sheets: [String], hidden: [String] = [],
    open: @escaping (_ sheet: String) throws(RegisterProblem) -> any SheetRows
  ) {
    self.name = name
    self.english = english
    self.chinese = chinese
    self.sheets = sheets
    self.hidden = hidden
    self.open = open
  }
}

/// A file of an import that is opened when its turn comes.
public struct LedgerSource {
  /// Recognises the file.
  public var open: () throws(RegisterProblem) -> Ledger

  /// A file that `open` recognises.
  public init(open: @escaping () throws(RegisterProblem) -> Ledger) { self.open = open }

  /// The same file, which is recognised once and stays open for further readings.
  public var keepingOpen: LedgerSource {
    var opened: Ledger?
    let open = open
    return LedgerSource { () throws(RegisterProblem) in
      if let opened { return opened }
      let ledger = try open()
      opened = ledger
      return ledger
    }
  }

  /// A file of comma-separated values.
  public init(_ file: RegisterFile) {
    open = { () throws(RegisterProblem) in
      Ledger(name: file.name, english: "CSV", chinese: "CSV", sheets: [""]) { (_) throws(RegisterProblem) in
        try CSVSheet(file)
      }
    }
  }
}

/// Source of the factory of ledgers that have no column for it.
public enum FactorySource: Equatable, Sendable {
  /// A cell above the headings as a spreadsheet shows the file, for instance `B2`; row and column from 1. A first line
  /// `sep=` of a text file is no row.
  case cell(row: Int, column: Int)
  /// The sheet's name; every sheet is read.
  case sheet
  /// The file's name without its ending.
  case file

  /// Reads `cell:B2`, `sheet` or `file`; nil for other texts.
  public init?(_ text: String) {
    switch text {
    case "sheet": self = .sheet
    case "file": self = .file
    default:
      guard text.hasPrefix("cell:") else { return nil }
      var column = 0
      var row = 0
      for byte in text.utf8.dropFirst(5) {
        switch byte {
        case 0x41...0x5A, 0x61...0x7A:
          guard row == 0, column < 1000 else { return nil }
          column = column * 26 + Int(byte & 0x1F)
        case 0x30...0x39:
          guard column > 0, row < 1_000_000 else { return nil }
          row = row * 10 + Int(byte - 0x30)
        default: return nil
        }
      }
      guard row > 0, column > 0, column <= 16_384 else { return nil }
      self = .cell(row: row, column: column)
    }
  }
}

/// Options for reading ledgers.
public struct LedgerOptions: Sendable {
  public var interpretation: LedgerInterpretation
  public var factorySource: FactorySource?
  /// The sheet to read of workbooks; nil for the one that has headings.
  public var sheet: String?

  /// Reads ledgers by an interpretation.
  public init(
    _ interpretation: LedgerInterpretation = LedgerInterpretation(), factorySource: FactorySource? = nil,
    sheet: String? = nil
  ) {
    self.interpretation = interpretation
    self.factorySource = factorySource
    self.sheet = sheet
  }
}

/// How a sheet of a ledger was read: a part of the preview.
public struct LedgerSheet: Equatable, Sendable {
  public var file: String
  /// Empty for a text file.
  public var sheet: String
  /// The recognised format in words of both languages.
  public var format: (english: String, chinese: String)
  /// The row of the headings, from 1.
  public var headingRow: Int
  /// Number of rows of equipment.
  public var equipment: Int
  /// Rules that were applied, in the order of their kinds.
  public var rules: [RegisterRule]
  /// Ids of the known factories that its rows name, ascending, also of rows with problems; at most 10,000.
  public var factories: [String]
  /// Whether the sheet is a list of factories: `equipment` is the number of factories then.
  public var hasFactories = false

  public static func == (a: LedgerSheet, b: LedgerSheet) -> Bool {
    a.english == b.english && a.rules == b.rules
  }

  /// `ledger.xlsx: XLSX, sheet '台账', headings in row 3, 24 equipment`.
  public var english: String {
    let sheet = sheet.isEmpty ? "" : ", sheet '\(sheet)'"
    return
      "\(file): \(format.english)\(sheet), headings in \(self.sheet.isEmpty ? "line" : "row") \(headingRow), "
      + (hasFactories ? (equipment == 1 ? "1 factory" : "\(equipment) factories") : "\(equipment) equipment")
  }

  /// `ledger.xlsx：XLSX，工作表“台账”，表头在第 3 行，设备 24 台`.
  public var chinese: String {
    let sheet = sheet.isEmpty ? "" : "，工作表“\(sheet)”"
    return "\(file)：\(format.chinese)\(sheet)，表头在第 \(headingRow) 行，"
      + (hasFactories ? "企业 \(equipment) 家" : "设备 \(equipment) 台")
  }
}
