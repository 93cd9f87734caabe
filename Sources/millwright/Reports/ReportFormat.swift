import ArgumentParser
import Foundation
import Reporting
import Spreadsheets

/// How a report is written.
enum ReportFormat: String, ExpressibleByArgument, CaseIterable {
  case text, markdown, csv
  case csvLong = "csv-long"
  case json, html, pdf, xlsx

  /// The endings of file names that ask for it, without the dot.
  var endings: [String] {
    switch self {
    case .text: ["txt"]
    case .markdown: ["md", "markdown"]
    case .csv: ["csv"]
    case .csvLong: ["long.csv"]
    case .json: ["json"]
    case .html: ["html", "htm"]
    case .pdf: ["pdf"]
    case .xlsx: ["xlsx"]
    }
  }

  /// Whether its bytes mean nothing to a terminal.
  var isBinary: Bool { self == .xlsx || self == .pdf }

  /// Whether it has the headline figures, whose changes need the period before. CSV has the sections only.
  var showsChanges: Bool {
    switch self {
    case .text, .markdown, .json, .html, .pdf, .xlsx: true
    case .csv, .csvLong: false
    }
  }

  /// Whether people open its files, so that a set has a page that leads to them.
  var isDocument: Bool { self == .html || self == .pdf || self == .xlsx }

  /// The format for a file's name; text for a name without an ending.
  ///
  /// - Throws: exit 64 for an unknown ending such as `.docx`: no program could open text under that name.
  static func of(output: String) throws -> ReportFormat {
    let ending = (output as NSString).pathExtension.lowercased()
    if ending.isEmpty { return .text }
    let name = output.lowercased()
    if csvLong.endings.contains(where: { name.hasSuffix("." + $0) }) { return .csvLong }
    guard let format = allCases.first(where: { $0.endings.contains(ending) }) else {
      let known = allCases.filter { $0 != .csvLong }.map { "." + $0.endings[0] }.joined(separator: ", ")
      throw CommandFailure(
        .usage,
        "--output: there is no report format '.\(ending.inert)': use \(known), or name one with --format",
        "--output：没有“.\(ending.inert)”格式的报告：请用 \(known.replacing(", ", with: "、"))，或用 --format 指定格式")
    }
    return format
  }
}

/// Options of rendering: a report's bytes depend on these and the report only.
struct RenderingOptions {
  var language: Language
  /// Those wanted; nil for all.
  var sections: Set<ReportSection>?
  /// The section that is the table of CSV.
  var tableSection = ReportSection.equipment
  /// Whether JSON is indented.
  var isPretty = false
  /// Whether CSV begins with a byte order mark.
  var hasByteOrderMark = false
  /// Whether text and PDF have every row of long lists.
  var isComplete = false
  /// Where text goes to.
  var terminal = Terminal.none
  /// HTML files of factories in the same folder, by the factory's id.
  var links: [String: String] = [:]
  /// HTML file of the set's index in the same folder; nil outside of a set.
  var index: String?
  /// Receives notes for the user about the report's bytes, in the language of the options.
  var note: @Sendable (String) -> Void = { _ in }
}

extension ReportFormat {
  /// The report's bytes.
  func render(_ report: Report, _ options: RenderingOptions) throws -> Data {
    switch self {
    case .html:
      var renderer = HTMLRenderer(language: options.language)
      renderer.links = options.links
      renderer.index = options.index
      return Data(renderer.render(report, sections: options.sections).utf8)
    case .pdf:
      var renderer = HTMLRenderer(language: options.language)
      renderer.isComplete = options.isComplete
      return try PDFPrinter.find().print(renderer.render(report, sections: options.sections))
    case .json: return Data(JSONRenderer(pretty: options.isPretty).render(report).utf8)
    case .xlsx:
      do throws(WorkbookError) {
        return try WorkbookRenderer(language: options.language).render(report, sections: options.sections)
      } catch {
        throw CommandFailure(.cannotWrite, "\(error)", "无法写出工作簿：\(error)")
      }
    case .markdown:
      let renderer = MarkdownRenderer(language: options.language)
      return Data(renderer.render(report, sections: options.sections).utf8)
    case .csv: return Data(Self.table(of: report, options))
    case .csvLong:
      let renderer = CSVRenderer(language: options.language, byteOrderMark: options.hasByteOrderMark)
      return Data(renderer.render(report, sections: options.sections))
    case .text:
      let renderer = TextRenderer(
        language: options.language, width: options.terminal.width, color: options.terminal.color,
        unicode: options.terminal.unicode, isComplete: options.isComplete)
      return Data(renderer.render(report, sections: options.sections).utf8)
    }
  }
}

extension ReportFormat {
  /// The table of CSV. A note names the tables that it does not have.
  private static func table(of report: Report, _ options: RenderingOptions) -> [UInt8] {
    let say = CommandWording(language: options.language)
    let section = options.tableSection.rawValue
    let renderer = CSVTableRenderer(language: options.language, byteOrderMark: options.hasByteOrderMark)
    let bytes = renderer.render(report, section: options.tableSection) { others in
      guard !others.isEmpty else { return }
      let names = Set(others).sorted().joined(separator: say(", ", "、"))
      options.note(
        say(
          "csv has the first table of \(section); --format csv-long has the others too: \(names)",
          "csv 只有 \(section) 的第一张表；其余各表见 --format csv-long：\(names)"))
    }
    if bytes.isEmpty {
      options.note(
        say(
          "csv is empty: the report has no section \(section)", "csv 为空：本报告没有 \(section) 一节"))
    }
    return bytes
  }

  /// Writes the report to a file, see ``OutputFile``.
  func write(_ report: Report, _ options: RenderingOptions, to path: String) throws {
    try OutputFile.write(try render(report, options), to: path)
  }
}

/// Abilities of standard output.
struct Terminal {
  var width = 80
  var color = false
  var unicode = true

  /// Not a terminal: a file or a pipe.
  static let none = Terminal()

  /// The terminal that standard output is connected to.
  static var standardOutput: Terminal {
    let environment = ProcessInfo.processInfo.environment
    let locale = environment["LC_ALL"] ?? environment["LC_CTYPE"] ?? environment["LANG"] ?? ""
    guard isatty(STDOUT_FILENO) == 1 else { return .none }
    var terminal = Terminal()
    var size = winsize()
    if ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 {
      terminal.width = Int(size.ws_col)
    }
    terminal.color = environment["NO_COLOR"] == nil && environment["TERM"] != "dumb"
    terminal.unicode = locale.isEmpty || locale.uppercased().contains("UTF")
    return terminal
  }
}
