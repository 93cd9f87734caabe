import ArgumentParser
import Foundation
import Journal
import SQLiteStore

struct JournalCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "journal",
    abstract: "Check and repair the journal, the record of all received messages.",
    subcommands: [JournalVerifyCommand.self, JournalRepairCommand.self])
}

struct JournalVerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check every block against its hash and the chain; exit 1 if one does not match.",
    discussion: """
      Works while the collector is running: everything up to the newest block is checked.

      Example:
        millwright journal verify
      """)

  @Option(name: .long, help: "Root of a day as printed in a report; it must belong to this store.")
  var root: String?

  @OptionGroup var storeOptions: StoreOptions

  func run() throws {
    let directory = try storeOptions.settings().storeDirectory
    guard directory.hasAny else {
      throw CommandFailure(.noInput, "\(directory.path): no store here, or not yours to read")
    }
    guard FileManager.default.fileExists(atPath: directory.journal) else {
      throw CommandFailure(
        .doesNotHold, "\(directory.journal): missing although the store exists; restore it from a copy")
    }
    let (completeness, closed) = try Self.holding {
      (try JournalCompleteness(directory), try DayRootStore(directory).all().map(\.root))
    }
    let wanted = try root.map { text in
      guard let digest = SHA256Digest(hexadecimal: text) else {
        throw CommandFailure(.usage, "--root: '\(text)' is not 64 hexadecimal digits")
      }
      return digest
    }
    let found = try WorkingLine.during("journal verify") { try read(directory, closed) }
    let missing = try Self.holding {
      try completeness.missing(opening: found.opening, head: found.headBlock)
    }
    guard missing.isEmpty else { throw CommandFailure(.doesNotHold, missing.joined(separator: "\n")) }
    let register = try Self.register(directory, closed)
    print("blocks       \(found.blocks)")
    print("messages     \(found.messages), of them \(found.redelivered) delivered again")
    print("bytes        \(found.bytes) before compression")
    print("head         \(found.head)")
    if let newest = closed.last {
      print("root         \(newest.root) of \(newest.day), closed days \(closed.count)")
    }
    if let register { print("register     \(register.hash), imports \(register.entries)") }
    if let wanted {
      print(try sentence(of: wanted, closed, directory))
    }
    print("Every block matches its hash and follows the one before it; every closed day has its root.")
    if register != nil {
      print("Every row of the register matches its chain, which the closed days' roots bind.")
    }
  }

  /// Verifies the register against its chain, and the chain against the roots. Returns the end of the chain, or nil
  /// if nothing was imported.
  static func register(_ directory: StoreDirectory, _ closed: [DayRoot]) throws -> RegisterHead? {
    do throws(StoreError) {
      return try directory.verifyRegister(anchoredIn: closed)
    } catch {
      guard error.kind == .corrupt || error.kind == .refused else { throw error }
      throw CommandFailure(.doesNotHold, "\(error)")
    }
  }

  /// A sentence naming the day with the wanted root; throws if there is none.
  private func sentence(of wanted: SHA256Digest, _ closed: [DayRoot], _ directory: StoreDirectory) throws
    -> String
  {
    if let day = closed.first(where: { $0.root == wanted })?.day {
      return "The given root is that of \(day)."
    }
    // Roots of days to which a clock had jumped: their blocks are filed under other days.
    let aside = try DayRootStore(directory).setAside().map(\.root).first { $0.root == wanted }
    guard let aside, try JournalReader(directory).head(at: aside.lastBlock)?.hash == aside.blockHash else {
      throw CommandFailure(.doesNotHold, "--root: no closed day of this store has the root \(wanted)")
    }
    return """
      The given root is that of \(aside.day), a day to which the clock had jumped: its blocks \(aside.firstBlock)–\
      \(aside.lastBlock) are unchanged, and now filed under other days.
      """
  }

  /// Reads every block, and compares each closed day with its root.
  private func read(_ directory: StoreDirectory, _ closed: [DayRoot]) throws -> Found {
    var found = Found()
    let roots = Dictionary(uniqueKeysWithValues: closed.map { ($0.day, $0) })
    try Self.holding {
      try JournalReader(directory).forEachVerifiedBlock { block in
        found.blocks += 1
        found.bytes += block.content.count
        found.head = block.hash?.description ?? found.head
        found.headBlock = block.number
        try block.forEachRecord { record in
          guard record.kind == .message else { return }
          found.messages += 1
          if record.flags.contains(.redelivered) { found.redelivered += 1 }
        }
      } closed: { day, opening, end, digest in
        found.opening = found.opening ?? opening.number
        guard let root = roots[day] else { return }
        guard root.firstBlock == opening.number + 1, root.lastBlock == end.number, root.blockHash == end.hash,
          root.merkleRoot == digest.merkleRoot
        else {
          throw StoreError(
            .corrupt,
            "\(directory.journal)/\(day).sqlite: does not have the root \(root.root) that its day was closed with"
          )
        }
      }
    }
    return found
  }

  /// Returns what `body` returns; damage that it finds is a check that failed.
  private static func holding<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as StoreError where error.kind == .corrupt {
      throw CommandFailure(.doesNotHold, "\(error)")
    }
  }

  /// Contents of a journal.
  private struct Found {
    var blocks = 0
    var messages = 0
    var redelivered = 0
    var bytes = 0
    var head = "none"
    /// Number of the newest block; nil if there is none.
    var headBlock: Int64?
    /// Number of the block before the oldest one kept; nil if there is no day.
    var opening: Int64?
  }
}

struct JournalRepairCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "repair",
    abstract:
      "Move blocks that were filed under future days, because the clock had jumped, to the correct days.",
    discussion: """
      The clock must be correct, and the collector of this store must be stopped. A running collector does the same \
      by itself once the clock is correct. Nothing is lost: blocks, hashes and the chain do not change.

      Example:
        millwright journal repair
      """)

  @OptionGroup var languageOptions: LanguageOptions
  @OptionGroup var storeOptions: StoreOptions

  func run() throws {
    let settings = try storeOptions.settings()
    let directory = settings.storeDirectory
    guard directory.hasAny else {
      throw CommandFailure(.noInput, "\(directory.path): no store here, or not yours to read")
    }
    let isChinese = languageOptions.language == .chinese
    let done = try JournalRepair.refile(
      directory, calendar: settings.district.calendar, now: InstantArgument.now)
    guard let done else {
      return print(
        isChinese
          ? "没有超前 48 小时以上的日志日，无需修复。" : "No day of the journal is more than 48 hours ahead of the clock.")
    }
    let days = done.days.map(\.description).joined(separator: isChinese ? "、" : ", ")
    let into = done.into.map(\.description).joined(separator: isChinese ? "、" : ", ")
    print(
      isChinese
        ? "已将 \(days) 的 \(done.blocks) 个日志块归入 \(into.isEmpty ? "此前各日" : into)，哈希链不变。"
        : "\(days): \(done.blocks.counted("block")) \(done.blocks == 1 ? "is" : "are") now filed under \(into.isEmpty ? "the days before" : into); the chain is unchanged."
    )
  }
}
