import Foundation
import Reporting

/// Words of commands in one language.
struct CommandWording {
  let language: Language

  /// The language of `--lang` on the command line, else of the environment.
  static let ofCommandLine = CommandWording(
    language: LanguageOptions.language(ProcessInfo.processInfo.arguments.dropFirst()))

  /// Returns the text in the language of the words.
  func callAsFunction(_ english: String, _ chinese: String) -> String {
    language == .chinese ? chinese : english
  }
}
