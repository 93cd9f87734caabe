/// Fault at one place of a register file.
public struct RegisterProblem: Error, Equatable, Sendable, CustomStringConvertible {
  /// Kinds of problems, for counting those that are not listed individually.
  public enum Kind: String, CaseIterable, Sendable {
    case encoding, form, heading, strayValue, missingValue, identifier, unknownFactory, duplicate, word
    case number, date, length, order, other

    /// The kind in a few words of English.
    public var english: String {
      switch self {
      case .encoding: "character encoding"
      case .form: "form of the file"
      case .heading: "headings"
      case .strayValue: "values without a heading"
      case .missingValue: "missing values"
      case .identifier: "not an id"
      case .unknownFactory: "unknown factories"
      case .duplicate: "duplicates"
      case .word: "unknown words"
      case .number: "not a number"
      case .date: "not a date or time"
      case .length: "too long"
      case .order: "ends before it begins"
      case .other: "others"
      }
    }

    /// The kind in a few Chinese words.
    public var chinese: String {
      switch self {
      case .encoding: "字符编码错误"
      case .form: "文件格式错误"
      case .heading: "表头错误"
      case .strayValue: "有值但无表头"
      case .missingValue: "缺少必填值"
      case .identifier: "编号格式错误"
      case .unknownFactory: "企业未登记"
      case .duplicate: "重复"
      case .word: "无法识别的填写内容"
      case .number: "数值错误"
      case .date: "日期或时间错误"
      case .length: "内容过长"
      case .order: "截止早于起始"
      case .other: "其他"
      }
    }
  }

  public var kind: Kind
  /// The file's name as the user gave it.
  public var file: String
  /// The sheet of a workbook; empty for a text file.
  public var sheet: String
  /// The line or the sheet's row, from 1; nil when the file as a whole is meant.
  public var line: Int?
  /// The column as the user finds it: number from 1, and heading as the file spells it (empty when none).
  public var column: (number: Int, heading: String)?
  public var message: String
  /// The message in Chinese.
  public var chineseMessage: String
  /// The message in both languages for the sender of the file, who has no command to give options to.
  public var forSender: (english: String, chinese: String)

  /// A problem in `file`; without a Chinese message the English one is shown in both languages.
  public init(
    _ kind: Kind = .other, file: String, sheet: String = "", line: Int? = nil,
    column: (number: Int, heading: String)? = nil, message: String, chinese: String = ""
  ) {
    self.kind = kind
    self.file = file
    self.sheet = sheet
    self.line = line
    self.column = column
    self.message = message
    chineseMessage = chinese.isEmpty ? message : chinese
    forSender = (message, chineseMessage)
  }

  /// The problem with another message for the sender of the file.
  public func forSender(_ english: String, _ chinese: String) -> RegisterProblem {
    var problem = self
    problem.forSender = (english, chinese)
    return problem
  }

  /// The place with file, sheet, row and column.
  public var place: RegisterPlace { RegisterPlace(file: file, sheet: sheet, row: line, column: column) }

  /// `equipment.csv:12:automation (column 7): message`; in a workbook `ledger.xlsx:Sheet1:G12 (automation): message`.
  public var description: String { "\(place.english): \(message)" }

  /// `equipment.csv 第 12 行“自动化程度”（第 7 列）：message`; in a workbook
  /// `ledger.xlsx 工作表“台账”G12“自动化程度”：message`.
  public var chineseDescription: String { "\(place.chinese)：\(chineseMessage)" }

  public static func == (a: RegisterProblem, b: RegisterProblem) -> Bool {
    a.description == b.description
  }
}

/// Everything that is wrong with the files of an import: when there is any, nothing of them is stored.
public struct RegisterProblems: Error, Equatable, Sendable, CustomStringConvertible {
  /// Maximum number of problems of a file kept individually; further ones are only counted by kind.
  public static let kept = 1000
  /// Maximum number of problems of all files kept individually.
  static let keptInAll = 30_000
  /// Maximum number of places of further problems. They take 8 bytes each.
  public static let markedPlaces = 1_000_000

  /// The first problems, in the order of lines and columns, the equipment file first; never empty.
  public var problems: [RegisterProblem]
  /// Number of further problems by kind.
  public private(set) var more: [RegisterProblem.Kind: Int] = [:]
  /// Numbers of further problems by the name of their file.
  private var moreOfFiles: [String: [RegisterProblem.Kind: Int]] = [:]
  /// Number of problems that were kept when the current file began.
  private var keptBefore = 0
  /// Places of further problems, by the name of their file and sheet; at most ``markedPlaces`` in all.
  private var places: [String: [ProblemPlace]] = [:]
  /// Number of places of further problems.
  public private(set) var placeCount = 0
  /// How each sheet was read in which the problems were found.
  public var sheets: [LedgerSheet] = []

  /// The problems found.
  public init(_ problems: [RegisterProblem]) { self.problems = problems }

  /// No problems yet.
  init() { problems = [] }

  /// Whether nothing is wrong.
  var isEmpty: Bool { problems.isEmpty }
  /// Whether further problems are only counted.
  var isFull: Bool { problems.count - keptBefore >= Self.kept || problems.count >= Self.keptInAll }
  /// Number of problems.
  public var count: Int { problems.count + more.values.reduce(0, +) }

  /// Begins a file, whose problems are kept although those of the file before are many.
  mutating func beginFile() { keptBefore = problems.count }

  /// The problems of one file; nil if it has none.
  public func of(file: String) -> RegisterProblems? {
    var own = RegisterProblems(problems.filter { $0.file == file })
    own.more = moreOfFiles[file, default: [:]]
    own.moreOfFiles[file] = moreOfFiles[file]
    own.places = places.filter { $0.key.hasPrefix("\(file)\0") }
    own.placeCount = own.places.values.reduce(0) { $0 + $1.count }
    own.sheets = sheets.filter { $0.file == file }
    return own.count == 0 ? nil : own
  }

  mutating func add(_ problem: RegisterProblem) {
    guard isFull else { return problems.append(problem) }
    count(
      problem.kind, file: problem.file, sheet: problem.sheet, line: problem.line,
      column: problem.column?.number)
  }

  mutating func add(_ others: some Sequence<RegisterProblem>) { for one in others { add(one) } }

  mutating func add(_ others: RegisterProblems) {
    add(others.problems)
    more.merge(others.more, uniquingKeysWith: +)
    for (file, further) in others.moreOfFiles {
      moreOfFiles[file, default: [:]].merge(further, uniquingKeysWith: +)
    }
    for (file, further) in others.places.sorted(by: { $0.key < $1.key }) {
      let room = Self.markedPlaces - placeCount
      guard room > 0 else { return }
      places[file, default: []] += further.prefix(room)
      placeCount += min(room, further.count)
    }
  }

  /// Counts a further problem, and keeps its place while there is room.
  mutating func count(
    _ kind: RegisterProblem.Kind, file: String, sheet: String, line: Int?, column: Int?
  ) {
    more[kind, default: 0] += 1
    moreOfFiles[file, default: [:]][kind, default: 0] += 1
    guard placeCount < Self.markedPlaces, let line, let place = ProblemPlace(kind, line: line, column: column)
    else { return }
    places[Self.key(file, sheet), default: []].append(place)
    placeCount += 1
  }

  /// Places of further problems in a sheet of a file; `sheet` is empty for a text file.
  public func places(file: String, sheet: String = "") -> [ProblemPlace] {
    places[Self.key(file, sheet), default: []]
  }

  /// A key for both names: no file name has a zero.
  private static func key(_ file: String, _ sheet: String) -> String { "\(file)\0\(sheet)" }

  /// One problem a line.
  public var description: String { lines().joined(separator: "\n") }

  /// The problems as lines of text. If there are more than `limit`, a last line states the number of the others by
  /// kind.
  public func lines(limit: Int = .max, inChinese: Bool = false) -> [String] {
    var lines = problems.prefix(limit).map { inChinese ? $0.chineseDescription : $0.description }
    var left = more
    for problem in problems.dropFirst(limit) { left[problem.kind, default: 0] += 1 }
    guard !left.isEmpty else { return lines }
    let kinds = RegisterProblem.Kind.allCases.compactMap { kind in
      left[kind].map { inChinese ? "\(kind.chinese) \($0) 处" : "\($0) × \(kind.english)" }
    }
    let sum = left.values.reduce(0, +)
    lines.append(
      inChinese
        ? "……另有 \(sum) 处：\(kinds.joined(separator: "，"))"
        : "… and \(sum) more: \(kinds.joined(separator: ", "))")
    return lines
  }
}

/// The place of a problem that is not kept individually.
public struct ProblemPlace: Equatable, Sendable {
  private let row: UInt32
  private let position: UInt16
  private let number: UInt8

  /// A place; nil if a number is out of range: lines up to 4,294,967,295, columns up to 65,535.
  ///
  /// - Parameter column: number from 1; nil for the whole line.
  public init?(_ kind: RegisterProblem.Kind, line: Int, column: Int?) {
    guard let row = UInt32(exactly: line), let position = UInt16(exactly: column ?? 0),
      let number = RegisterProblem.Kind.allCases.firstIndex(of: kind).flatMap(UInt8.init(exactly:))
    else { return nil }
    (self.row, self.position, self.number) = (row, position, number)
  }

  /// The line, from 1.
  public var line: Int { Int(row) }
  /// Number of the column, from 1; nil for the whole line.
  public var column: Int? { position == 0 ? nil : Int(position) }
  public var kind: RegisterProblem.Kind {
    let kinds = RegisterProblem.Kind.allCases
    return Int(number) < kinds.count ? kinds[Int(number)] : .other
  }
}
