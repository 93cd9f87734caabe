import Aggregation
import Configuration
import Foundation
import Reporting

/// Where reports are written to.
extension ReportCommand {
  func writeSet(_ scope: ReportScope, _ folder: String) throws {
    guard scope == .district else {
      throw CommandFailure(
        .usage,
        "--output-dir writes the set of the district: millwright report district --output-dir \(folder.inert)",
        "--output-dir 用于生成全园区的报告：millwright report district --output-dir \(folder.inert)")
    }
    guard output == nil else {
      throw CommandFailure(
        .usage, "--output cannot be used with --output-dir", "--output 不能与 --output-dir 同时使用")
    }
    guard !format.isEmpty else {
      throw CommandFailure(
        .usage, "--output-dir needs at least one --format", "--output-dir 须至少用 --format 指定一种格式")
    }
    let formats = ReportFormat.allCases.filter(format.contains)
    try check(formats)
    let browser = open ? try UserBrowser.find() : nil
    let (service, request) = try service(on: scope, formats)
    let set = ReportSet(
      service: service, request: request, formats: formats, options: options(terminal: .none), folder: folder)
    let progress = SetProgress()
    defer { progress.clear() }
    let written = try Self.explaining { try set.write { progress.show($0, of: $1) } }
    progress.clear()
    let say = CommandWording(language: languageOptions.language)
    print(
      say(
        "\(written.files.counted("file")) in \(written.folder)", "\(written.folder) 中共 \(written.files) 个文件"))
    try browser?.open(ReportSet.index(of: written.folder))
  }

  func options(terminal: Terminal) -> RenderingOptions {
    RenderingOptions(
      language: languageOptions.language, sections: sections, tableSection: tableSection, isPretty: pretty,
      hasByteOrderMark: bom, isComplete: all, terminal: terminal)
  }

  /// The sections to print; nil for all. If the user names a form, only its sections are printed, and those that the user
  /// names too.
  var sections: Set<ReportSection>? {
    let isOfForm = !form.isEmpty && form != [Settings.noForm]
    if section.isEmpty { return isOfForm ? ReportSection.ofForm : nil }
    return Set(section).union(isOfForm ? ReportSection.ofForm : [])
  }

  /// Checks that the options fit the formats, and that standard output fits its format.
  func check(_ formats: [ReportFormat]) throws {
    guard !bom || formats.contains(.csv) || formats.contains(.csvLong) else {
      throw CommandFailure(
        .usage, "--bom can only be used with --format csv or csv-long",
        "--bom 只能与 --format csv 或 csv-long 一并使用")
    }
    guard !formats.contains(.csv) || section.count <= 1 else {
      throw CommandFailure(
        .usage, "csv is one table: name one --section, or use --format csv-long",
        "csv 只含一张表：请只用 --section 指定一节，或改用 --format csv-long")
    }
    guard !all || formats.contains(.text) || formats.contains(.pdf) else {
      throw CommandFailure(
        .usage, "--all can only be used with --format text or pdf: the other formats have every row",
        "--all 只能与 --format text 或 pdf 一并使用：其他格式均含全部行")
    }
    guard !open || formats.contains(.html) else {
      throw CommandFailure(
        .usage, "--open shows HTML: use --format html, or leave --format out",
        "--open 用于查看 HTML：请用 --format html，或不指定 --format")
    }
    guard output == nil, outputDir == nil, isatty(STDOUT_FILENO) == 1 else { return }
    if let binary = formats.first(where: \.isBinary) {
      throw CommandFailure(
        .usage, "\(binary.rawValue) cannot be shown on a terminal: name a file with --output, or use a pipe",
        "终端无法显示 \(binary.rawValue)：请用 --output 指定文件，或使用管道")
    }
  }

  /// The section that is the table of CSV.
  private var tableSection: ReportSection {
    section.first ?? (sections == nil ? .equipment : .form)
  }

  /// The sections that the formats show; nil for all. CSV has one.
  func shown(in formats: [ReportFormat]) -> Set<ReportSection>? {
    formats == [.csv] ? [tableSection] : sections
  }

  /// Whether the formats list a district's equipment.
  func needsEquipment(_ formats: [ReportFormat]) -> Bool {
    let lists: Set<ReportSection> = [.equipment, .exceptions]
    return !lists.isDisjoint(with: section) || formats.contains(.xlsx) && sections == nil
      || formats.contains(.csv) && lists.contains(tableSection)
  }

  /// Runs a step that may take long.
  func working<Result>(_ body: () throws -> Result) rethrows -> Result {
    let scope = [self.scope.rawValue, path].filter { !$0.isEmpty }.joined(separator: " ")
    let text = CommandWording(language: languageOptions.language)("report \(scope)", "报告 \(scope)")
    return try WorkingLine.during(text, body)
  }

  /// Writes a report to its file, or to one in a new folder for temporary files that only this user can read, and opens
  /// it.
  func show(
    _ report: Report, _ format: ReportFormat, _ options: RenderingOptions, in browser: UserBrowser
  ) throws {
    var file = output ?? ""
    if output == nil {
      let folder = try PrivateFolder.make("report")
      let name = SetFileNames([(report.id.replacing("/", with: "-"), "")])
      file = "\(folder)/\(name[report.id.replacing("/", with: "-")]).html"
    }
    try OutputFile.write(try working { try format.render(report, options) }, to: file)
    print(file)
    try browser.open(file)
  }
}
