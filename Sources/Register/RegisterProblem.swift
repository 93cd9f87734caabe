/// What is wrong at one place of a register file.
public struct RegisterProblem: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file's name as the user gave it.
  public var file: String
  /// The line, from 1; nil when the file as a whole is meant.
  public var line: Int?
  /// The column as the user finds it: number from 1, and heading as the file spells it (empty when none).
  public var column: (number: Int, heading: String)?
  public var message: String

  /// A problem in `file`.
  public init(
    file: String, line: Int? = nil, column: (number: Int, heading: String)? = nil, message: String
  ) {
    self.file = file
    self.line = line
    self.column = column
    self.message = message
  }

  /// `equipment.csv:12:automation (column 7): message`.
  public var description: String {
    var place = file
    if let line { place += ":\(line)" }
    if let column {
      place +=
        column.heading.isEmpty ? ":column \(column.number)" : ":\(column.heading) (column \(column.number))"
    }
    return "\(place): \(message)"
  }

  public static func == (a: RegisterProblem, b: RegisterProblem) -> Bool {
    a.file == b.file && a.line == b.line && a.message == b.message
      && a.column?.number == b.column?.number && a.column?.heading == b.column?.heading
  }
}

/// Everything that is wrong with the files of an import: when there is any, nothing of them is stored.
public struct RegisterProblems: Error, Equatable, Sendable, CustomStringConvertible {
  /// In the order of lines and columns, the equipment file first; never empty.
  public var problems: [RegisterProblem]

  /// The problems found.
  public init(_ problems: [RegisterProblem]) { self.problems = problems }

  /// One problem a line.
  public var description: String { lines().joined(separator: "\n") }

  /// The problems as lines of text; beyond `limit`, a last line that says how many more there are.
  public func lines(limit: Int = .max) -> [String] {
    var lines = problems.prefix(limit).map(\.description)
    if problems.count > limit { lines.append("… and \(problems.count - limit) more") }
    return lines
  }
}
