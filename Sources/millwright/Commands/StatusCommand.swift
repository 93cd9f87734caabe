import ArgumentParser
import Daemon
import Foundation
import Reporting
import SQLiteStore

struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "How the collector is doing: connected, newest message, rates, refused, lag, disk.",
    discussion: """
      Reads what the collector writes about itself once a second (status.json in the store), and looks whether it \
      still holds the store. Exit 0 when it runs and is connected, else 1.

      Examples:
        millwright status
        millwright status --format json --lang zh
      """)

  enum Format: String, CaseIterable, ExpressibleByArgument { case text, json }

  @Option(name: .long, help: "text, or json: the status file's content with a verdict.")
  var format = Format.text

  @OptionGroup var languageOptions: LanguageOptions
  @OptionGroup var storeOptions: StoreOptions

  func run() throws {
    let settings = try storeOptions.settings()
    let directory = settings.storeDirectory
    guard directory.hasAny else {
      throw CommandFailure(.noInput, "\(directory.path): no store here, or not yours to read")
    }
    let now = InstantArgument.now
    let judgement = try StatusJudgement(of: directory.statusPlace(of: .embedded), now: now)
    switch format {
    case .text:
      let text = StatusText(judgement, languageOptions.language, settings.district.calendar, now: now)
      print(text.lines.joined(separator: "\n"))
    case .json: print(try Self.json(judgement))
    }
    if !judgement.isWell { throw ExitCode(ExitStatus.doesNotHold.rawValue) }
  }

  private struct Output: Encodable {
    var schema = CollectorStatus.schema
    var verdict: StatusJudgement.Verdict
    /// Milliseconds since the last sign of life.
    var age: Int64?
    var process: Int32?
    var status: CollectorStatus?
  }

  private static func json(_ judgement: StatusJudgement) throws -> String {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let output = Output(
      verdict: judgement.verdict, age: judgement.age, process: judgement.process, status: judgement.status)
    return String(decoding: try encoder.encode(output), as: UTF8.self).inertJSON
  }
}
