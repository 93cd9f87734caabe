import ArgumentParser
import Foundation
import Storage

struct JournalCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "journal",
    abstract: "The record of everything received.",
    subcommands: [JournalVerifyCommand.self])
}

struct JournalVerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check every block against its hash and the chain; exit 1 if one does not hold.",
    discussion: """
      Works with the collector running: what is there is checked up to the newest block.

      Example:
        millwright journal verify
      """)

  @OptionGroup var storeOptions: StoreOptions

  func run() throws {
    let directory = try storeOptions.settings().storeDirectory
    guard directory.exists else {
      throw CommandFailure(.noInput, "\(directory.path): no store here, or not yours to read")
    }
    var blocks = 0
    var messages = 0
    var redelivered = 0
    var bytes = 0
    var head = "none"
    do {
      try JournalReader(directory).forEachVerifiedBlock { block in
        blocks += 1
        bytes += block.content.count
        head = block.hash.map(\.description) ?? head
        try block.forEachRecord { record in
          guard record.kind == .message else { return }
          messages += 1
          if record.flags.contains(.redelivered) { redelivered += 1 }
        }
      }
    } catch let error as StoreError where error.kind == .corrupt {
      throw CommandFailure(.doesNotHold, "\(error)")
    }
    print("blocks       \(blocks)")
    print("messages     \(messages), of them \(redelivered) delivered again")
    print("bytes        \(bytes) before compression")
    print("head         \(head)")
    print("Every block matches its hash and follows the one before it.")
  }
}
