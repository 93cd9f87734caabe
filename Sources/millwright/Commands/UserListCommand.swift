import Access
import ArgumentParser
import Foundation
import Reporting
import Telemetry

struct UserListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the accounts: what they see, their tokens, and which are disabled.",
    discussion: """
      Example:
        millwright user list --format json
      """)

  enum Format: String, CaseIterable, ExpressibleByArgument { case text, json }

  @Option(name: .long, help: "text, or json.")
  var format = Format.text

  @OptionGroup var options: UserOptions

  func run() throws {
    let accounts = try options.file().load()
    switch format {
    case .json: print(try Self.json(accounts))
    case .text:
      let calendar = try options.store.settings().district.calendar
      guard !accounts.accounts.isEmpty else {
        return print(
          options.say(
            "There is no account: pages are seen on this machine only. Add one: millwright user add NAME --role district",
            "没有账户：页面只能在本机查看。添加账户：millwright user add NAME --role district"))
      }
      print(
        RegisterSupport.table(rows(accounts, calendar, now: InstantArgument.now)).joined(separator: "\n"))
    }
  }

  private func rows(_ accounts: Accounts, _ calendar: LocalCalendar, now: Timestamp) -> [[String]] {
    let say = options.say
    let heading = [
      say("Name", "名称"), say("Sees", "权限"), say("Created", "创建日期"), say("Tokens", "令牌"), say("State", "状态"),
    ]
    return [heading]
      + accounts.accounts.map { account in
        let sees =
          switch account.role {
          case .district: say("the district", "整个园区")
          case .factory(let id): say("factory \(id)", "企业 \(id)")
          }
        let tokens = accounts.tokens.filter { $0.account == account.name }
        let expired = tokens.count { !$0.isValid(at: now) }
        let count =
          expired == 0
          ? "\(tokens.count)"
          : say("\(tokens.count), \(expired) expired", "\(tokens.count)，其中 \(expired) 个已过期")
        return [
          account.name, sees, calendar.day(at: account.createdAt).description, count,
          account.isDisabled ? say("disabled", "已停用") : say("enabled", "可用"),
        ]
      }
  }

  private struct Output: Encodable {
    struct Entry: Encodable {
      var name: String
      var role: String
      var factory: String?
      var createdAt: String
      var disabled: Bool
      var tokens: [Token]
    }
    struct Token: Encodable {
      var note: String
      var createdAt: String
      var expiresAt: String?
    }
    var schema = "millwright.account-list/1"
    var accounts: [Entry]
  }

  private static func json(_ accounts: Accounts) throws -> String {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let output = Output(
      accounts: accounts.accounts.map { account in
        var (role, factory) = ("district", String?.none)
        if case .factory(let id) = account.role { (role, factory) = ("factory", id) }
        let tokens = accounts.tokens.filter { $0.account == account.name }.map {
          Output.Token(
            note: $0.note, createdAt: $0.createdAt.rfc3339, expiresAt: $0.expiresAt?.rfc3339)
        }
        return Output.Entry(
          name: account.name, role: role, factory: factory, createdAt: account.createdAt.rfc3339,
          disabled: account.isDisabled, tokens: tokens)
      })
    return String(decoding: try encoder.encode(output), as: UTF8.self).inertJSON
  }
}
