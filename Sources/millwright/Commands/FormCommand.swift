import Aggregation
import ArgumentParser
import Configuration
import Reporting
import Telemetry

struct FormCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "form", abstract: "List and show forms: items of an authority that reports fill in.",
    subcommands: [FormListCommand.self, FormShowCommand.self])
}

struct FormListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the forms available to --form.")

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: LanguageOptions

  func run() throws {
    let file = try store.configurationFile()
    let list = NamedFileList(
      names: FormFile.names(besides: file), language: output.language,
      none: ("No form was found.", "未找到表式文件。"))
    try list.show { name in
      let form = try FormFile.named(name, besides: file, asked: "form list")
      return (form.date, form.title.text(output.language))
    }
  }
}

struct FormShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show one form: its items, what each cell shows, and how sure each item is.",
    discussion: """
      Example:
        millwright form show sme-2024
      """)

  @Argument(help: "The form's name, or a file.", completion: Completions.forms)
  var name: String

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: LanguageOptions

  func run() throws {
    let form = try FormFile.named(name, besides: try store.configurationFile(), asked: "form show")
    let language = output.language
    let terms = Terms(language)
    var lines = [
      "\(form.title.text(language))  \(form.date)",
      "\(form.issuingBody.text(language))  \(form.source.text(language))",
    ]
    for section in form.sections {
      lines += ["", section.title.text(language)]
      for item in section.items {
        lines.append("  \(item.number.inert)  \(item.title.text(language))  [\(terms.name(item.certainty))]")
        for (place, cell) in item.cells.enumerated() {
          let label = cell.label.map { $0.text(language) + "  " } ?? ""
          lines.append("    \(item.number.inert).\(place + 1)  \(label)\(terms.description(of: cell))")
        }
      }
    }
    lines += ["", form.note.text(language)]
    print(lines.joined(separator: "\n"))
  }
}

extension Form.Wording {
  /// The inert text of a language.
  fileprivate func text(_ language: Language) -> String { (language == .chinese ? chinese : english).inert }
}
