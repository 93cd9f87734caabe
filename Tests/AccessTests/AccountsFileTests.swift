import Access
import Foundation
import Telemetry
import TestSupport
import Testing

@Suite("The file of accounts") struct AccountsFileTests {
  private let folder: TemporaryDirectory
  private let file: AccountsFile

  init() throws {
    folder = try TemporaryDirectory("accounts")
    file = AccountsFile(folder.file("accounts.json"))
  }

  /// `CayV…` is `hashlib.scrypt(b"correct horse 9", salt=bytes(range(16)), n=16, r=1, p=1, dklen=32)` in Base64.
  private static let password =
    "$scrypt$ln=4,r=1,p=1$AAECAwQFBgcICQoLDA0ODw$CayVZIV0XXLK4lrE7iKkGEQCxKBMmYPAYJDzaGR/2dQ"

  private static let text = """
    {
      "accounts" : [
        {
          "created_at" : "2025-11-30T00:00:00.000Z",
          "name" : "boss",
          "password" : "\(password)",
          "role" : "district"
        },
        {
          "created_at" : "2025-11-30T00:00:00.000Z",
          "disabled" : true,
          "factory" : "F001",
          "name" : "li@f001",
          "password" : "\(password)",
          "role" : "factory"
        }
      ],
      "schema" : "millwright.accounts/1",
      "tokens" : [
        {
          "account" : "boss",
          "created_at" : "2025-11-30T00:00:00.000Z",
          "expires_at" : "2026-11-30T00:00:00.000Z",
          "note" : "Prometheus",
          "sha256" : "1e54e72ad8986c1abb5b074a4b436b858c2d632558f003b0186b55981708d2a3"
        }
      ]
    }

    """

  @Test("It is written as documented, read back, and only its owner can read it") func format() throws {
    let hash = try #require(PasswordHash(Self.password))
    let day = try #require(Timestamp("2025-11-30T00:00:00Z"))
    try file.update { (accounts) throws(AccessError) in
      try accounts.add(
        Account(
          name: "li@f001", role: .factory("F001"), password: hash, createdAt: day, isDisabled: true))
      try accounts.add(Account(name: "boss", role: .district, password: hash, createdAt: day))
      try accounts.add(
        AccessToken(
          account: "boss", note: "Prometheus", digest: SecretDigest(of: "mw_abc"), createdAt: day,
          expiresAt: Timestamp("2026-11-30T00:00:00Z")))
    }
    #expect(try String(contentsOfFile: file.path, encoding: .utf8) == Self.text)
    let mode = try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(names == ["accounts.json", "accounts.json.lock"])
    let accounts = try file.load()
    #expect(accounts.accounts.map(\.name) == ["boss", "li@f001"])
    #expect(accounts["li@f001"]?.role == .factory("F001"))
    #expect(accounts["li@f001"]?.isDisabled == true)
    #expect(accounts.tokens.map(\.note) == ["Prometheus"])
  }

  @Test("Without a file there are no accounts") func missing() throws {
    #expect(try file.load() == Accounts())
  }

  private func failure() -> AccessError? {
    do throws(AccessError) {
      _ = try file.load()
      return nil
    } catch { return error }
  }

  @Test("A file that others can read is refused with the remedy", arguments: [0o640, 0o604, 0o620])
  func exposed(mode: Int) throws {
    try folder.write("accounts.json", Self.text, mode: mode)
    let octal = "0" + String(mode, radix: 8)
    #expect(
      failure()
        == AccessError(
          .exposed, "\(file.path): has mode \(octal), so that others can read it; run chmod 600 on it",
          "\(file.path)：权限为 \(octal)，其他用户可以读取；请对其执行 chmod 600"))
  }

  @Test("A folder or a pipe in its place is refused, and does not stop the reader") func otherKinds() throws {
    #expect(mkfifo(file.path, 0o600) == 0)
    #expect(failure()?.english == "\(file.path): is not a regular file")
    unlink(file.path)
    #expect(mkdir(file.path, 0o700) == 0)
    #expect(failure()?.english == "\(file.path): is not a regular file")
  }

  @Test(
    "A damaged file is an error that names the entry, and stays as it is",
    arguments: [
      ("", "it is no accounts file"), ("[]", "it is no accounts file"),
      (
        #"{"schema":"millwright.accounts/2","accounts":[]}"#,
        "its format 'millwright.accounts/2' is not millwright.accounts/1, which this version reads"
      ),
      (
        #"{"schema":"millwright.accounts/1"}"#, "an entry lacks a field or has one of another type"
      ),
      (
        text.replacing("ln=4,", with: "ln=40,"),
        "the account 'boss' has a value that cannot be read"
      ),
      (
        text.replacing("\"F001\"", with: "\"../F001\""),
        "the account 'li@f001' has a value that cannot be read"
      ),
      (
        text.replacing("\"role\" : \"district\"", with: "\"role\" : \"district\", \"factory\" : \"F001\""),
        "the account 'boss' has a value that cannot be read"
      ),
      (text.replacing("2026-11-30", with: "2026-13-30"), "a token of 'boss' has a value that cannot be read"),
      (
        text.replacing("li@f001", with: "boss"),
        "a name or token is there twice, or a token belongs to no account"
      ),
      (
        text.replacing("\"account\" : \"boss\"", with: "\"account\" : \"wang\""),
        "a name or token is there twice, or a token belongs to no account"
      ),
    ])
  func damaged(text: String, problem: String) throws {
    try folder.write("accounts.json", text)
    #expect(failure()?.kind == .corrupt)
    #expect(
      failure()?.english
        == "\(file.path): \(problem); restore it from a copy, or remove it and add the accounts anew")
    #expect(throws: AccessError.self) {
      try file.update { (accounts) throws(AccessError) in try accounts.remove("boss") }
    }
    #expect(try String(contentsOfFile: file.path, encoding: .utf8) == text)
  }

  @Test("A change that fails leaves the file as it is, and nothing beside it") func refusedChange() throws {
    try folder.write("accounts.json", Self.text)
    let wanted = try person("Boss", .district)
    #expect(throws: AccessError.self) {
      try file.update { (accounts) throws(AccessError) in
        try accounts.remove("li@f001")
        try accounts.add(wanted)
      }
    }
    #expect(try String(contentsOfFile: file.path, encoding: .utf8) == Self.text)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == [
        "accounts.json", "accounts.json.lock",
      ])
  }

  @Test("Through a symbolic link the file at its end is replaced") func link() throws {
    try folder.write("real.json", Self.text)
    #expect(symlink("real.json", file.path) == 0)
    try file.update { (accounts) throws(AccessError) in try accounts.remove("li@f001") }
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: file.path) == "real.json")
    #expect(try AccountsFile(folder.file("real.json")).load().accounts.map(\.name) == ["boss"])
  }

  @Test("Changes of several threads are all there") func concurrency() throws {
    let names = (0..<8).map { "user\($0)" }
    let accounts = try names.map { try person($0, .district) }
    DispatchQueue.concurrentPerform(iterations: names.count) { place in
      try? file.update { (all) throws(AccessError) in try all.add(accounts[place]) }
    }
    #expect(try file.load().accounts.map(\.name) == names)
  }

  @Test("The book reads a changed file again, and lets nobody in by an earlier one") func book() throws {
    let book = AccountBook(file)
    #expect(try book.current() == Accounts())
    try folder.write("accounts.json", Self.text)
    #expect(try book.current().accounts.map(\.name) == ["boss", "li@f001"])
    try file.update { (accounts) throws(AccessError) in try accounts.remove("boss") }
    #expect(try book.current().accounts.map(\.name) == ["li@f001"])
    chmod(file.path, 0o644)
    #expect(throws: AccessError.self) { try book.current() }
    chmod(file.path, 0o600)
    #expect(try book.current().accounts.map(\.name) == ["li@f001"])
    unlink(file.path)
    #expect(try book.current() == Accounts())
  }
}

@Suite("Accounts and tokens") struct AccountsTests {
  @Test("A name is taken by another letter case too; the message says what to do") func duplicate() throws {
    var accounts = Accounts()
    try accounts.add(try person("Li.Wei", .factory("F001")))
    let wanted = try person("li.wei", .district)
    let error = #expect(throws: AccessError.self) { try accounts.add(wanted) }
    #expect(
      error?.english
        == "an account 'Li.Wei' exists already; change its password with 'millwright user password', or choose another name"
    )
    #expect(accounts.accounts.count == 1)
  }

  @Test("An unknown name is an error with the nearest one") func unknown() throws {
    var accounts = Accounts()
    try accounts.add(try person("supervisor", .district))
    let error = #expect(throws: AccessError.self) { try accounts.remove("supervisr") }
    #expect(error?.kind == .unknown)
    #expect(error?.english == "there is no account 'supervisr' (did you mean 'supervisor'?)")
    #expect(error?.chinese == "没有账户“supervisr”（是否指“supervisor”？）")
    let other = #expect(throws: AccessError.self) { try accounts.remove("prometheus") }
    #expect(
      other?.english == "there is no account 'prometheus'; 'millwright user list' shows those there are")
    #expect(other?.chinese == "没有账户“prometheus”；已有账户见 millwright user list")
  }

  @Test("A token is valid until it expires, is revoked, or its account is disabled or removed") func tokens()
    throws
  {
    var accounts = Accounts()
    try accounts.add(try person("boss", .district))
    try accounts.add(try person("old", .district, isDisabled: true))
    let (a, b, c) = (Secret(prefix: "mw_"), Secret(prefix: "mw_"), Secret(prefix: "mw_"))
    #expect(a.text.count == 46 && a.text.hasPrefix("mw_") && a.text != b.text)
    try accounts.add(
      AccessToken(
        account: "boss", digest: a.digest, createdAt: start.time, expiresAt: start.time + .days(90)))
    try accounts.add(AccessToken(account: "boss", digest: b.digest, createdAt: start.time))
    try accounts.add(AccessToken(account: "old", digest: c.digest, createdAt: start.time))
    let end = start.time + .days(90)
    #expect(accounts.account(token: a.text, at: end - .milliseconds(1))?.name == "boss")
    #expect(accounts.account(token: a.text, at: end) == nil)
    #expect(accounts.account(token: b.text, at: end)?.name == "boss")
    #expect(accounts.account(token: c.text, at: start.time) == nil)
    #expect(accounts.account(token: String(b.text.dropLast()), at: start.time) == nil)
    #expect(accounts.account(token: b.digest.hexadecimal, at: start.time) == nil)
    #expect(accounts.tokens(of: "boss") == 2)
    #expect(try accounts.revokeTokens(of: "boss") == 2)
    #expect(accounts.account(token: b.text, at: start.time) == nil)
    try accounts.remove("old")
    #expect(accounts.tokens.isEmpty)
  }

  @Test("A new token removes those that have expired") func expired() throws {
    var accounts = Accounts()
    try accounts.add(try person("boss", .district))
    for day in 1...3 {
      try accounts.add(
        AccessToken(
          account: "boss", digest: Secret().digest, createdAt: start.time,
          expiresAt: start.time + .days(Int64(day))))
    }
    try accounts.add(
      AccessToken(account: "boss", digest: Secret().digest, createdAt: start.time + .days(2)))
    #expect(accounts.tokens.count == 2)
  }

  @Test("A token without an account is an error") func tokenOfNobody() throws {
    var accounts = Accounts()
    #expect(throws: AccessError.self) {
      try accounts.add(AccessToken(account: "boss", digest: Secret().digest, createdAt: start.time))
    }
  }

  @Test(
    "A digest is SHA-256, by `python3 -c \"import hashlib; print(hashlib.sha256(b'mw_abc').hexdigest())\"`")
  func digest() {
    let text = "1e54e72ad8986c1abb5b074a4b436b858c2d632558f003b0186b55981708d2a3"
    #expect(SecretDigest(of: "mw_abc").hexadecimal == text)
    #expect(SecretDigest(hexadecimal: text) == SecretDigest(of: "mw_abc"))
    #expect(SecretDigest(hexadecimal: text.uppercased()) == nil)
    #expect(SecretDigest(hexadecimal: String(text.dropLast())) == nil)
  }

  @Test(
    "A name has 1 to 64 letters, digits, dots, hyphens, underscores or @",
    arguments: [
      ("boss", true), ("li.wei@f001", true), ("", false), ("a b", false), ("李伟", false), ("a/b", false),
      (String(repeating: "a", count: 64), true), (String(repeating: "a", count: 65), false),
    ])
  func names(name: String, isName: Bool) { #expect(Account.isName(name) == isName) }
}
