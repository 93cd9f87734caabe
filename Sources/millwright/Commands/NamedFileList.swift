import Configuration
import Reporting
import Telemetry

/// Prints a list of files that options name: of forms or of policies.
struct NamedFileList {
  var names: [String]
  var language: Language
  /// The line instead of an empty list.
  var none: (english: String, chinese: String)

  /// Prints a row for each file, and then the problems of the files that cannot be read, which keep no other file from
  /// the list.
  ///
  /// - Parameter read: returns the day on which a file's content was retrieved, and its title.
  /// - Throws: all problems of all files.
  func show(_ read: (String) throws -> (date: CalendarDay, title: String)) throws {
    let say = CommandWording(language: language)
    guard !names.isEmpty else { return print(say(none.english, none.chinese)) }
    var rows = [[say("Name", "名称"), say("Retrieved", "摘录日期"), say("Title", "标题")]]
    var problems: [SettingsErrors.Problem] = []
    for name in names {
      do {
        let (date, title) = try read(name)
        rows.append([name, date.description, title])
      } catch let errors as SettingsErrors {
        problems += errors.problems
      }
    }
    if rows.count > 1 { print(RegisterSupport.table(rows).joined(separator: "\n")) }
    if !problems.isEmpty { throw SettingsErrors(problems) }
  }
}
