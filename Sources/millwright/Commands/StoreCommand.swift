import ArgumentParser
import Configuration
import Daemon
import Foundation
import Reporting
import SQLiteStore

struct StoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "store",
    abstract: "Change the store's id or its recorded place, or copy the store.",
    discussion: """
      The broker names the collector's session by the store's id, so that the collector receives messages sent in \
      its absence. A copy of a store has the same id; two collectors with one id take over each other's session.
      """,
    subcommands: [StoreBackupCommand.self, StoreNewIDCommand.self, StoreMovedCommand.self])
}

struct StoreBackupCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup",
    abstract: "Copy the store into a new folder, beside a collector that goes on, and verify the copy.",
    discussion: """
      The copy is a store as any other, with the same id: reports can be made of it, and a collector that is given it \
      in place of the original goes on where the copy ends. The copy has alerts.sqlite, unless alerts.state_file names \
      another place; copy that file, and the configuration with its accounts, rules and secrets, yourself. Nothing is \
      left of a copy that fails; what an interrupted one left is removed by the next to the same folder.

      Example:
        millwright store backup /srv/backup/2026-11-22
      """)

  @Argument(help: "Folder of the copy; new or empty.")
  var folder: String

  @OptionGroup var languageOptions: LanguageOptions
  @OptionGroup var storeOptions: StoreOptions

  func run() throws {
    let path = URL(fileURLWithPath: folder).standardizedFileURL.path
    let report = try storeOptions.settings().presentStore().backup(to: path)
    for leftover in report.removedLeftovers {
      print(
        languageOptions.say(
          "\(leftover.inert): an earlier copy that was interrupted; removed.",
          "\(leftover.inert)：此前中断的备份残留，已删除。"))
    }
    let bytes = ByteText.of(report.bytes)
    print(
      languageOptions.say(
        "\(path.inert): copied and verified up to block \(report.block): \(report.messages.counted("message")), closed days \(report.closedDays), \(bytes).",
        "\(path.inert)：已复制并校验至日志块 \(report.block)：消息 \(report.messages) 条，已封存 \(report.closedDays) 天，\(bytes)。"
      ))
  }
}

struct StoreNewIDCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "new-id",
    abstract: "Give a copied store its own id, and so its own session at the broker.",
    discussion: """
      The collector of this store must be stopped. Messages that the broker keeps for the previous id stay with the \
      collector that still uses it.

      Example:
        millwright store new-id --store sqlite:/srv/copy
      """)

  @OptionGroup var languageOptions: LanguageOptions
  @OptionGroup var storeOptions: StoreOptions

  func run() throws {
    let settings = try storeOptions.settings()
    let directory = try settings.presentStore()
    let (before, now) = try directory.renewIdentity()
    let old = (before ?? "–").inert
    print(
      languageOptions.say(
        "\(directory.path): the id was \(old) and is \(now); the broker's session is millwright-\(now)-0.",
        "\(directory.path)：标识由 \(old) 改为 \(now)；消息代理上的会话为 millwright-\(now)-0。"))
    if let clientID = settings.mqtt.clientID {
      print(
        languageOptions.say(
          "The configuration sets mqtt.client_id to \(clientID.inert), which is used instead: change or remove it.",
          "配置中 mqtt.client_id 为 \(clientID.inert)，优先于标识：请修改或删除。"))
    }
  }
}

struct StoreMovedCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "moved",
    abstract: "Record that the store was moved here, and that no collector uses its previous place.",
    discussion: """
      The store keeps its id and its session at the broker. The collector of this store must be stopped.

      Example:
        millwright store moved
      """)

  @OptionGroup var languageOptions: LanguageOptions
  @OptionGroup var storeOptions: StoreOptions

  func run() throws {
    let directory = try storeOptions.settings().presentStore()
    try directory.acceptPlace()
    print(
      languageOptions.say(
        "\(directory.path): recorded as the store's place.", "\(directory.path)：已记为该数据目录的位置。"))
  }
}

extension Settings {
  /// The store's folder; throws if it has no store.
  fileprivate func presentStore() throws -> StoreDirectory {
    let directory = storeDirectory
    guard directory.hasAny else {
      throw CommandFailure(.noInput, "\(directory.path): no store here, or not yours to read")
    }
    return directory
  }
}

extension LanguageOptions {
  /// The text in the chosen language.
  fileprivate func say(_ english: String, _ chinese: String) -> String {
    language == .chinese ? chinese : english
  }
}
