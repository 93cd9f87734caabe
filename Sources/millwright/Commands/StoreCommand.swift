import ArgumentParser
import Reporting
import SQLiteStore

struct StoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "store",
    abstract: "Change the store's id or its recorded place.",
    discussion: """
      The broker names the collector's session by the store's id, so that the collector receives messages sent in \
      its absence. A copy of a store has the same id; two collectors with one id take over each other's session.
      """,
    subcommands: [StoreNewIDCommand.self, StoreMovedCommand.self])
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
