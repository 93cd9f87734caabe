import Access
import ArgumentParser
import Configuration
import Foundation
import Reporting
import Telemetry

struct UserCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "user",
    abstract: "Accounts of people and programs that look at the pages of 'millwright serve'.",
    discussion: """
      Whoever uses this machine needs no account. The accounts are in the file web.accounts_file, and a change applies \
      at once, also to a server that runs.
      """,
    subcommands: [
      UserAddCommand.self, UserListCommand.self, UserRemoveCommand.self, UserPasswordCommand.self,
      UserTokenCommand.self, UserDisableCommand.self, UserEnableCommand.self,
    ])
}

/// The configuration and language of commands about accounts.
struct UserOptions: ParsableArguments {
  @OptionGroup var store: StoreOptions
  @OptionGroup var output: LanguageOptions

  var say: CommandWording { CommandWording(language: output.language) }

  /// The file of accounts.
  func file() throws -> AccountsFile { AccountsFile(try store.settings().web.accountsFile) }
}

/// The name of an account in an argument.
@Sendable private func accountName(_ text: String) throws -> String {
  guard Account.isName(text) else {
    throw ValidationError(
      CommandWording.ofCommandLine(
        "'\(text.inert)' is not the name of an account: 1 to 64 of A–Z a–z 0–9 _ . - @",
        "“\(text.inert)”不能作为账户名：1 至 64 个字符，可用 A–Z a–z 0–9 _ . - @"))
  }
  return text
}

struct UserAddCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Add an account: for the district, or for one factory.",
    discussion: """
      An account for the district sees everything. An account for a factory sees this factory, and "not found" for all \
      others. The password is asked for twice; it has at least 12 characters, and only its scrypt hash is stored.

      Examples:
        millwright user add li.wei --factory F001
        millwright user add prometheus --role district --password-stdin <password.txt
      """)

  enum Role: String, CaseIterable, ExpressibleByArgument { case district }

  @Argument(help: "The account's name: letters, digits, and _ . - @", transform: accountName)
  var name: String

  @Option(help: "district: sees all factories, the collector and the metrics.")
  var role: Role?

  @Option(help: "The id of the only factory that the account sees.", completion: Completions.factories)
  var factory: String?

  @Flag(help: "Read the password from the first line of standard input.")
  var passwordStdin = false

  @OptionGroup var options: UserOptions

  func validate() throws {
    guard (role == nil) != (factory == nil) else {
      throw ValidationError(
        CommandWording.ofCommandLine(
          "say what the account sees: either --role district or --factory F001",
          "请指明账户的权限：--role district 或 --factory F001，二者择一"))
    }
    if let factory, !EquipmentKey.isID(factory.utf8) {
      throw ValidationError(
        CommandWording.ofCommandLine(
          "'\(factory.inert)' is not the id of a factory, such as F001",
          "“\(factory.inert)”不是企业编号，应形如 F001"))
    }
  }

  func run() throws {
    let (file, say) = (try options.file(), options.say)
    // A name that is taken is said before a password is asked for.
    try file.load().requireFree(name)
    try noteUnknownFactory()
    let typed = try PasswordInput(account: name, say: say).read(fromInput: passwordStdin)
    let account = Account(
      name: name, role: factory.map { .factory($0) } ?? .district, password: try PasswordHash(of: typed),
      createdAt: InstantArgument.now)
    try file.update { (accounts) throws(AccessError) in try accounts.add(account) }
    print(
      factory.map {
        say("Added \(name), who sees factory \($0).", "已添加账户 \(name)，可查看企业 \($0)。")
      } ?? say("Added \(name), who sees the district.", "已添加账户 \(name)，可查看整个园区。"))
  }

  /// Says that the register does not have the factory; it may be imported later.
  private func noteUnknownFactory() throws {
    guard let factory else { return }
    let settings = try options.store.settings()
    let today = settings.district.calendar.day(at: InstantArgument.now)
    let known = try? RegisterSupport.factories(in: settings.storeDirectory.path, on: today).map(\.id)
    guard let known, !known.isEmpty, !known.contains(factory) else { return }
    let near = Suggestion.nearest(to: factory, among: known)
    printError(
      options.say(
        "note: the register has no factory \(factory)" + Suggestion.phrase(for: factory, among: known),
        "提示：台账中没有企业 \(factory)" + (near.map { "（是否指 \($0)？）" } ?? "")))
  }
}

struct UserRemoveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove", abstract: "Remove an account with its tokens; its sessions end at once.",
    discussion: """
      Example:
        millwright user remove li.wei
      """)

  @Argument(help: "The account's name.", completion: Completions.accounts, transform: accountName)
  var name: String

  @OptionGroup var options: UserOptions

  func run() throws {
    let name = name
    try options.file().update { (accounts) throws(AccessError) in try accounts.remove(name) }
    print(options.say("Removed \(name).", "已删除账户 \(name)。"))
  }
}

struct UserPasswordCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "password", abstract: "Give an account another password; its sessions end, its tokens stay.",
    discussion: """
      Example:
        millwright user password li.wei
      """)

  @Argument(help: "The account's name.", completion: Completions.accounts, transform: accountName)
  var name: String

  @Flag(help: "Read the password from the first line of standard input.")
  var passwordStdin = false

  @OptionGroup var options: UserOptions

  func run() throws {
    let (file, name) = (try options.file(), name)
    // An unknown name is said before a password is asked for.
    try file.load().require(name)
    let typed = try PasswordInput(account: name, say: options.say).read(fromInput: passwordStdin)
    let hash = try PasswordHash(of: typed)
    try file.update { (accounts) throws(AccessError) in try accounts.setPassword(hash, of: name) }
    print(
      options.say(
        "Changed the password of \(name); log in again.", "已修改账户 \(name) 的密码，须重新登录。"))
  }
}

struct UserDisableCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "disable",
    abstract: "Disable an account until it is enabled again; its sessions end at once.")

  @Argument(help: "The account's name.", completion: Completions.accounts, transform: accountName)
  var name: String

  @OptionGroup var options: UserOptions

  func run() throws {
    let name = name
    try options.file().update { (accounts) throws(AccessError) in try accounts.setDisabled(true, name) }
    print(options.say("Disabled \(name).", "已停用账户 \(name)。"))
  }
}

struct UserEnableCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "enable", abstract: "Let a disabled account be used again.")

  @Argument(help: "The account's name.", completion: Completions.accounts, transform: accountName)
  var name: String

  @OptionGroup var options: UserOptions

  func run() throws {
    let name = name
    try options.file().update { (accounts) throws(AccessError) in try accounts.setDisabled(false, name) }
    print(options.say("Enabled \(name).", "已恢复账户 \(name)。"))
  }
}

struct UserTokenCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "token",
    abstract: "Make a token with which a program reads as an account; it is shown once.",
    discussion: """
      A program sends it as "Authorization: Bearer TOKEN". It sees what its account sees. The file keeps only its \
      SHA-256 digest.

      Examples:
        millwright user token prometheus --expires 365d --note "scrapes /metrics"
        millwright user token prometheus --revoke
      """)

  @Argument(help: "The account's name.", completion: Completions.accounts, transform: accountName)
  var name: String

  @Option(
    help: "Time for which it is valid, such as 90d; default: until it is revoked.",
    transform: { text in
      guard let span = Units.span(text), (Span.minutes(1)...Span.days(3660)).contains(span) else {
        throw ValidationError(
          CommandWording.ofCommandLine(
            "'\(text.inert)' is not a duration from 1m to 3660d, such as 90d",
            "“\(text.inert)”不是 1m 至 3660d 的时长，应形如 90d"))
      }
      return span
    })
  var expires: Span?

  @Option(help: "Its use, for 'user list'.")
  var note = ""

  @Flag(help: "Revoke all tokens of the account instead.")
  var revoke = false

  @OptionGroup var options: UserOptions

  func validate() throws {
    guard note.utf8.count <= 200 else {
      throw ValidationError(
        CommandWording.ofCommandLine("--note: use at most 200 bytes", "--note：最多 200 字节"))
    }
    if revoke, expires != nil || !note.isEmpty {
      throw ValidationError(
        CommandWording.ofCommandLine(
          "--revoke makes no token: leave out --expires and --note", "--revoke 不生成令牌：请去掉 --expires 和 --note"))
    }
  }

  func run() throws {
    let (file, name, say) = (try options.file(), name, options.say)
    if revoke {
      let count = try file.update { (accounts) throws(AccessError) in try accounts.revokeTokens(of: name) }
      return print(say("Revoked \(count.counted("token")) of \(name).", "已吊销账户 \(name) 的 \(count) 个令牌。"))
    }
    let secret = Secret(prefix: BearerToken.prefix)
    let now = InstantArgument.now
    let token = AccessToken(
      account: name, note: note, digest: secret.digest, createdAt: now, expiresAt: expires.map { now + $0 })
    try file.update { (accounts) throws(AccessError) in try accounts.add(token) }
    // Only the token goes to standard output, so that it can be written to a file.
    if isatty(STDERR_FILENO) == 1 {
      printError(
        say(
          "This token of \(name) is shown only now; keep it like a password:", "账户 \(name) 的令牌只显示这一次，请妥善保管："))
    }
    print(secret.text)
  }
}
