/// Everything that is wrong with the configuration, at once.
public struct SettingsErrors: Error, Equatable, Sendable, CustomStringConvertible {
  /// Where a setting came from.
  public enum Origin: Equatable, Sendable {
    /// A place in the file: line and column from 1, columns in Unicode scalars.
    case file(String, line: Int, column: Int)
    /// The file as a whole.
    case wholeFile(String)
    /// An environment variable.
    case variable(String)
    /// The command line, or nowhere in particular.
    case unplaced
  }

  /// One thing to mend.
  public struct Problem: Equatable, Sendable, CustomStringConvertible {
    public var origin: Origin
    /// The fault and, if it is known, the text to write instead. Never shows a secret.
    public var message: String
    /// The message in Chinese; nil where there is only the English one.
    public var chinese: String?

    /// A problem at a place.
    public init(_ origin: Origin, _ message: String, _ chinese: String? = nil) {
      self.origin = origin
      self.message = message
      self.chinese = chinese
    }

    /// `file:line:column: message`, or `environment variable NAME: message`.
    public var description: String {
      switch origin {
      case .file(let name, let line, let column): "\(name):\(line):\(column): \(message)"
      case .wholeFile(let name): "\(name): \(message)"
      case .variable(let name): "environment variable \(name): \(message)"
      case .unplaced: message
      }
    }

    /// The problem in Chinese; in English where there is no Chinese message.
    public var chineseDescription: String {
      guard let chinese else { return description }
      return switch origin {
      case .file(let name, let line, let column): "\(name) 第 \(line) 行第 \(column) 列：\(chinese)"
      case .wholeFile(let name): "\(name)：\(chinese)"
      case .variable(let name): "环境变量 \(name)：\(chinese)"
      case .unplaced: chinese
      }
    }
  }

  /// In the file's order, then the environment's by name. Never empty.
  public var problems: [Problem]
  /// Whether the problem is that there is no file to read (exit 66) rather than what it says (exit 78).
  public var isMissingFile: Bool

  /// Errors from their problems.
  public init(_ problems: [Problem], isMissingFile: Bool = false) {
    self.problems = problems
    self.isMissingFile = isMissingFile
  }

  /// A file that is there and cannot be read as text.
  static func unreadable(_ path: String) -> SettingsErrors {
    SettingsErrors(
      [
        .init(
          .wholeFile(path), "cannot be read as UTF-8; check its permissions, or save it as UTF-8",
          "无法按 UTF-8 读取；请检查访问权限，或另存为 UTF-8 编码")
      ], isMissingFile: true)
  }

  /// One problem a line.
  public var description: String { problems.map(\.description).joined(separator: "\n") }

  /// One problem a line, in Chinese where there is a Chinese message.
  public var chineseDescription: String { problems.map(\.chineseDescription).joined(separator: "\n") }
}
