import Aggregation
import Decoding
import Foundation
import Telemetry

/// A form as a file has it.
public enum FormFile {
  /// Forms asked for by name are looked for beside the configuration first.
  static let files = NamedFiles(
    kind: "form", chineseKind: "填报表", chineseList: "表式", folder: "forms",
    shared: ["/etc/millwright/forms", "Config/forms"])

  /// The form of a name, or of the file at a path; nil when there is no such file.
  ///
  /// - Throws: every problem with its place, also of a policy that the form names.
  public static func load(_ name: String, besides configuration: String) throws(SettingsErrors) -> Form? {
    guard let found = try files.text(name, besides: configuration) else { return nil }
    var form = try parse(found.text, file: found.path, besides: configuration)
    form.reference = name
    return form
  }

  /// The form that a command names at `place`, such as an option.
  ///
  /// - Throws: every problem with its place; that there is no such form counts as a missing file.
  public static func named(
    _ name: String, besides configuration: String, asked place: String
  ) throws(SettingsErrors) -> Form {
    guard let form = try load(name, besides: configuration) else {
      throw SettingsErrors(
        [files.missing(name, besides: configuration, asked: place)], isMissingFile: true)
    }
    return form
  }

  /// Every form that can be asked for by name, ascending.
  public static func names(besides configuration: String) -> [String] { files.names(besides: configuration) }

  /// Reads a form strictly; its name is that of `file` without the ending.
  ///
  /// - Parameter configuration: the policies that the form names are looked for beside it.
  /// - Throws: every problem with its place.
  public static func parse(
    _ text: String, file: String, besides configuration: String
  ) throws(SettingsErrors) -> Form {
    let directory = FileManager.default.currentDirectoryPath
    var reader = SettingsReader(
      try YAMLDocument.parse(text, file: file), file: file, directory: directory, workingDirectory: directory,
      environment: [:], advice: [:])
    func wording(_ key: String) -> Form.Wording {
      Form.Wording(
        chinese: reader.required("\(key)_zh", words, placeholder: ""),
        english: reader.required("\(key)_en", words, placeholder: ""))
    }
    let source = reader.required("source", words, placeholder: "")
    var form = Form(
      name: URL(fileURLWithPath: file).deletingPathExtension().lastPathComponent, title: wording("title"),
      issuingBody: wording("issuing_body"),
      date: reader.required("date", PolicyFile.day, placeholder: CalendarDay(number: 0)),
      validFrom: reader.optional("valid_from", PolicyFile.day),
      validUntil: reader.optional("valid_until", PolicyFile.day),
      source: Form.Wording(chinese: reader.optional("source_zh", words) ?? source, english: source),
      note: wording("note"),
      certainty: reader.required("certainty", certainty, placeholder: .memory), sections: [])
    if let from = form.validFrom, let until = form.validUntil, until < from {
      reader.complain(
        at: "valid_until", "valid_until: must not be before valid_from", "valid_until 不得早于 valid_from")
    }
    var items = FormItems(file: file, configuration: configuration, certainty: form.certainty)
    let elements = reader.elements("sections", of: ["title_zh", "title_en", "items"]) ?? []
    form.sections = elements.enumerated().compactMap { index, element in
      var problems: [SettingsProblem] = []
      let tree = reader.tree(of: element, &problems)
      let section = items.section(tree, name: element.name, &problems)
      reader.add(problems, in: element)
      return section
    }
    var problems = reader.finish()
    if problems.isEmpty, form.items.isEmpty {
      problems = [.init(.wholeFile(file), "a form needs sections with items")]
    }
    problems += items.policyProblems
    guard problems.isEmpty else { throw SettingsErrors(problems) }
    return form
  }

  // MARK: -

  private static var words: SettingKind<String> { .text(maximum: 1000) }
  private static var certainty: SettingKind<Form.Certainty> {
    let all = Form.Certainty.allCases
    let words = all.map(\.rawValue)
    return SettingKind.text().then(
      expects: "one of \(words.joined(separator: ", "))", chinese: "以下之一：\(words.joined(separator: "、"))"
    ) { word in
      all.first { $0.rawValue == word }
    }
  }
}

extension Settings {
  /// The word that switches forms off on the command line. No form can have it as its name.
  public static let noForm = noPolicy

  /// The forms that reports fill in when none is asked for.
  ///
  /// - Throws: every problem of the first form that is missing or wrong.
  public func defaultForms() throws(SettingsErrors) -> [Form] {
    var found: [Form] = []
    for name in forms { found.append(try defaultForm(name)) }
    return found
  }

  /// The form that the configuration names.
  func defaultForm(_ name: String) throws(SettingsErrors) -> Form {
    guard let form = try FormFile.load(name, besides: file) else {
      throw SettingsErrors([
        FormFile.files.missing(name, besides: file, asked: "forms", at: formsOrigin)
      ])
    }
    return form
  }

  /// The form that a command names.
  public func form(_ name: String, asked place: String) throws(SettingsErrors) -> Form {
    try FormFile.named(name, besides: file, asked: place)
  }
}
