import Foundation
import Processes
import TestSupport
import Testing

/// `millwright user`, as an administrator uses it.
@Suite("Accounts on the command line") struct UserCommandTests {
  private let desk: RegisterDesk
  private let password = "correct horse 9"

  init() throws { desk = try RegisterDesk() }

  private var file: String { desk.folder.file("accounts.json") }

  /// What a command left.
  private struct Outcome {
    var status: Int32
    var output: String
    var errors: String
  }

  /// Runs `user` with a text on standard input.
  private func user(_ arguments: [String], input: String = "", language: String = "en_US.UTF-8") throws
    -> Outcome
  {
    let (typed, output, errors) = (
      try desk.folder.write("input", input), try desk.folder.write("output", ""),
      try desk.folder.write("errors", "")
    )
    let process = try start(
      Installation.executable, ["user"] + arguments + ["--config", desk.folder.file("store.yaml")],
      environment: ["LANG": language], input: .appending(to: typed), output: .appending(to: output),
      errors: .appending(to: errors))
    guard case .exited(let status)? = process.wait(seconds: 30 * patience) else {
      process.send(SIGKILL)
      process.wait()
      throw SupportError("user \(arguments) did not end")
    }
    return Outcome(
      status: status, output: try String(contentsOfFile: output, encoding: .utf8),
      errors: try String(contentsOfFile: errors, encoding: .utf8))
  }

  private func add(_ name: String, _ role: String...) throws {
    let result = try user(["add", name, "--password-stdin"] + role, input: password + "\n")
    guard result.status == 0 else { throw SupportError(result.errors) }
  }

  @Test("Accounts are added, listed, disabled and removed; the file has mode 0600 and no password")
  func life()
    throws
  {
    #expect(
      try user(["list"]).output
        == "There is no account: pages are seen on this machine only. Add one: millwright user add NAME --role district\n"
    )
    let added = try user(["add", "boss", "--role", "district", "--password-stdin"], input: password + "\r\n")
    #expect(added.output == "Added boss, who sees the district.\n" && added.errors == "")
    try add("li.wei", "--factory", "F001")
    let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    let text = try String(contentsOfFile: file, encoding: .utf8)
    #expect(!text.contains("horse") && text.count(where: { $0 == "$" }) == 8)
    #expect(text.contains(#""password" : "$scrypt$ln=15,r=8,p=3$"#))
    #expect(try user(["disable", "li.wei"]).output == "Disabled li.wei.\n")
    let rows = RegisterDesk.words(try user(["list"]).output)
    #expect(rows.count == 3 && rows[0] == "Name Sees Created Tokens State")
    #expect(rows[1].wholeMatch(of: #/boss the district 20\d\d-\d\d-\d\d 0 enabled/#) != nil)
    #expect(rows[2].wholeMatch(of: #/li\.wei factory F001 20\d\d-\d\d-\d\d 0 disabled/#) != nil)
    #expect(try user(["enable", "li.wei"]).output == "Enabled li.wei.\n")
    #expect(try user(["remove", "li.wei"]).output == "Removed li.wei.\n")
    #expect(RegisterDesk.words(try user(["list"], language: "zh_CN.UTF-8").output)[1].hasPrefix("boss 整个园区 "))
  }

  @Test("A password is changed, and the file has another hash") func change() throws {
    try add("boss", "--role", "district")
    let before = try String(contentsOfFile: file, encoding: .utf8)
    let changed = try user(["password", "boss", "--password-stdin"], input: "another horse 9\n")
    #expect(changed.output == "Changed the password of boss; log in again.\n")
    #expect(try String(contentsOfFile: file, encoding: .utf8) != before)
  }

  private struct Listed: Decodable {
    struct Entry: Decodable {
      struct Token: Decodable { var note: String, created_at: String, expires_at: String? }
      var name: String, role: String, factory: String?, disabled: Bool
      var tokens: [Token]
    }
    var schema: String
    var accounts: [Entry]
  }

  @Test("A token is printed once, kept as a digest, listed with its use, and revoked") func token() throws {
    try add("prometheus", "--role", "district")
    try add("li", "--factory", "F001")
    let made = try user(["token", "prometheus", "--expires", "90d", "--note", "scrapes /metrics"])
    let token = made.output.trimmingCharacters(in: .newlines)
    #expect(token.wholeMatch(of: #/mw_[A-Za-z0-9_-]{43}/#) != nil && made.errors == "")
    #expect(try !String(contentsOfFile: file, encoding: .utf8).contains(token))
    let listed = try JSONDecoder().decode(
      Listed.self, from: Data(try user(["list", "--format", "json"]).output.utf8))
    #expect(listed.schema == "millwright.account-list/1")
    #expect(listed.accounts.map(\.name) == ["li", "prometheus"])
    #expect(listed.accounts.map(\.role) == ["factory", "district"])
    #expect(listed.accounts.map(\.factory) == ["F001", nil])
    #expect(listed.accounts[1].tokens.map(\.note) == ["scrapes /metrics"])
    #expect(listed.accounts[1].tokens[0].expires_at != nil)
    #expect(try user(["token", "prometheus", "--revoke"]).output == "Revoked 1 token of prometheus.\n")
    #expect(try user(["token", "prometheus", "--revoke"]).output == "Revoked 0 tokens of prometheus.\n")
  }

  @Test(
    "What cannot be done is said before a password is asked for, and changes nothing",
    arguments: [
      (
        ["add", "boss", "--role", "district"], 64,
        "an account 'boss' exists already; change its password with 'millwright user password', or choose another name\n"
      ),
      (["password", "bos"], 66, "there is no account 'bos' (did you mean 'boss'?)\n"),
      (
        ["remove", "nobody"], 66,
        "there is no account 'nobody'; 'millwright user list' shows those there are\n"
      ),
      (
        ["token", "nobody"], 66,
        "there is no account 'nobody'; 'millwright user list' shows those there are\n"
      ),
      (
        ["disable", "nobody"], 66,
        "there is no account 'nobody'; 'millwright user list' shows those there are\n"
      ),
      (
        ["password", "boss"], 64, "there is no terminal to ask for the password; use --password-stdin\n"
      ),
      (
        ["password", "boss", "--password-stdin"], 64, "no password was given; nothing was changed\n"
      ),
    ] as [([String], Int32, String)])
  func refused(arguments: [String], status: Int32, message: String) throws {
    try add("boss", "--role", "district")
    let before = try String(contentsOfFile: file, encoding: .utf8)
    let result = try user(arguments)
    #expect(result.status == status && result.errors == message && result.output == "", "\(result)")
    #expect(try String(contentsOfFile: file, encoding: .utf8) == before)
  }

  @Test(
    "Passwords that are guessed first are refused with the reason",
    arguments: [
      ("short\n", "the password is too short: use at least 12 characters, such as four words\n"),
      (
        "aaaaaaaaaaaaaaaa\n",
        "the password repeats one or two characters or is the account's name; use another one\n"
      ),
      (
        "correct\thorse 9\n",
        "the password has a control character, such as a tab; use only characters that can be typed\n"
      ),
      (
        String(repeating: "abc", count: 400) + "\n",
        "the password is too long: use at most 1024 bytes\n"
      ),
    ])
  func passwords(typed: String, message: String) throws {
    let result = try user(["add", "boss", "--role", "district", "--password-stdin"], input: typed)
    #expect(result.status == 64 && result.errors == message)
    #expect(!FileManager.default.fileExists(atPath: file))
  }

  @Test("A role is required, and only one; names and factories have the form of ids") func usage() throws {
    for arguments in [
      ["add", "boss"], ["add", "boss", "--role", "district", "--factory", "F001"],
      ["add", "boss", "--factory", "../F001"], ["add", "a b", "--role", "district"],
      ["token", "boss", "--expires", "90"], ["token", "boss", "--revoke", "--expires", "90d"],
    ] { #expect(try user(arguments).status == 64, "\(arguments)") }
  }

  @Test("A factory that the register does not have is noted, with the nearest one") func unknownFactory()
    throws
  {
    try desk.importRegister(
      "equipment_id,factory_id\nE1,F001\n", factories: "factory_id\nF001\n", effective: "2024-01-01")
    let result = try user(["add", "li", "--factory", "F010", "--password-stdin"], input: password)
    #expect(result.status == 0)
    #expect(result.errors == "note: the register has no factory F010 (did you mean 'F001'?)\n")
  }

  @Test("A file that others can read is refused with the remedy") func exposed() throws {
    try add("boss", "--role", "district")
    chmod(file, 0o644)
    let result = try user(["list"])
    #expect(result.status == 78)
    #expect(result.errors == "\(file): has mode 0644, so that others can read it; run chmod 600 on it\n")
    #expect(
      try user(["list"], language: "zh_CN.UTF-8").errors
        == "\(file)：权限为 0644，其他用户可以读取；请对其执行 chmod 600\n")
  }

  /// Runs `user add` on a terminal; each answer is typed when its question is shown. Returns what the terminal showed.
  private func asked(_ answers: [String]) throws -> (end: ChildProcess.End?, shown: String) {
    let terminal = try Terminal()
    let process = try start(
      Installation.executable,
      ["user", "add", "boss", "--role", "district", "--config", desk.folder.file("store.yaml")],
      environment: ["LANG": "en_US.UTF-8"], input: .descriptor(terminal.inner),
      output: .descriptor(terminal.inner), errors: .descriptor(terminal.inner))
    var shown = ""
    for (answer, question) in zip(answers, ["Password for boss: ", "The same again: "]) {
      let isAsked = try waitUntil(20) {
        shown += try terminal.shown()
        return shown.hasSuffix(question)
      }
      guard isAsked else { break }
      try terminal.type(answer)
    }
    let end = process.wait(seconds: 30 * patience)
    if end == nil {
      process.send(SIGKILL)
      process.wait()
    }
    shown += try terminal.shown()
    return (end, shown.replacing("\r\n", with: "\n"))
  }

  @Test("A terminal asks twice and does not show the password") func terminal() throws {
    let (end, shown) = try asked([password + "\n", password + "\n"])
    #expect(end == .exited(0))
    #expect(shown == "Password for boss: \nThe same again: \nAdded boss, who sees the district.\n")
  }

  @Test(
    "Two different passwords, a short one and Ctrl-C change nothing",
    arguments: [
      (
        ["correct horse 9\n", "correct horse 8\n"],
        "Password for boss: \nThe same again: \nthe two passwords differ; nothing was changed\n"
      ),
      (
        ["short\n"],
        "Password for boss: \nthe password is too short: use at least 12 characters, such as four words\n"
      ),
      (["corr\u{3}"], "Password for boss: \nno password was given; nothing was changed\n"),
      (["\u{4}"], "Password for boss: \nno password was given; nothing was changed\n"),
    ])
  func declined(answers: [String], screen: String) throws {
    let (end, shown) = try asked(answers)
    #expect(end == .exited(64) && shown == screen, "\(shown.debugDescription)")
    #expect(!FileManager.default.fileExists(atPath: file))
  }
}
