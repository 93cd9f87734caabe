import Access
import Telemetry
import Testing

@Suite("Sessions") struct SessionTests {
  private var accounts: Accounts
  private var table = SessionTable()

  init() throws {
    accounts = Accounts()
    try accounts.add(try person("boss", .district))
    try accounts.add(try person("li", .factory("F001")))
  }

  private func account(_ name: String) throws -> Account { try #require(accounts[name]) }

  @Test("A session lasts twelve hours, counted by a clock that never jumps") mutating func length() throws {
    let id = table.begin(try account("boss"), at: start.instant)
    #expect(id.text.count == 43)
    #expect(table.account(id: id.text, in: accounts, at: after(43_199).instant)?.name == "boss")
    #expect(table.account(id: id.text, in: accounts, at: after(43_200).instant) == nil)
    #expect(table.count == 0)
  }

  @Test("Logging out ends one session, and an unknown id is none") mutating func logout() throws {
    let (a, b) = (
      table.begin(try account("li"), at: start.instant), table.begin(try account("li"), at: start.instant)
    )
    table.end(id: a.text)
    table.end(id: "x")
    #expect(table.account(id: a.text, in: accounts, at: start.instant) == nil)
    #expect(table.account(id: b.text, in: accounts, at: start.instant)?.role == .factory("F001"))
    #expect(table.account(id: b.digest.hexadecimal, in: accounts, at: start.instant) == nil)
  }

  @Test("It ends when the account gets another password, is removed, or is added anew")
  mutating func changes()
    throws
  {
    let a = table.begin(try account("boss"), at: start.instant)
    let b = table.begin(try account("li"), at: start.instant)
    try accounts.setPassword(try hash("correct horse 9"), of: "boss")
    #expect(table.account(id: a.text, in: accounts, at: start.instant) == nil)
    let again = try account("li")
    try accounts.remove("li")
    #expect(table.account(id: b.text, in: accounts, at: start.instant) == nil)
    try accounts.add(again)
    #expect(table.account(id: b.text, in: accounts, at: start.instant) == nil)
    #expect(table.count == 0)
  }

  @Test("The role is that of the file, and a disabled account has no session") mutating func roles() throws {
    let id = table.begin(try account("li"), at: start.instant)
    var changed = try account("li")
    changed.role = .factory("F002")
    try accounts.remove("li")
    try accounts.add(changed)
    #expect(table.account(id: id.text, in: accounts, at: start.instant)?.role == .factory("F002"))
    changed.isDisabled = true
    try accounts.remove("li")
    try accounts.add(changed)
    #expect(table.account(id: id.text, in: accounts, at: start.instant) == nil)
  }

  @Test("The oldest of an account ends with its twenty-first, and others stay") mutating func bounds() throws
  {
    let other = table.begin(try account("boss"), at: start.instant)
    var ids: [Secret] = []
    for second in 0...20 { ids.append(table.begin(try account("li"), at: after(Int64(second)).instant)) }
    #expect(table.count == 21)
    #expect(table.account(id: ids[0].text, in: accounts, at: after(20).instant) == nil)
    #expect(table.account(id: ids[1].text, in: accounts, at: after(20).instant) != nil)
    #expect(table.account(id: other.text, in: accounts, at: after(20).instant) != nil)
  }

  @Test("The cookie cannot be read by scripts, sent without TLS, or sent from other sites") func cookie() {
    let id = Secret()
    let text = SessionCookie.setting(id)
    #expect(
      text
        == "__Host-millwright=\(id.text); Max-Age=43200; Path=/; Secure; HttpOnly; SameSite=Strict")
    #expect(
      SessionCookie.removing
        == "__Host-millwright=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Strict")
    #expect(SessionCookie.id(in: "lang=zh; __Host-millwright=\(id.text); a=b") == id.text)
    #expect(SessionCookie.id(in: "__Host-millwright=") == nil)
    #expect(SessionCookie.id(in: "millwright=abc") == nil)
    #expect(SessionCookie.id(in: "x__Host-millwright=abc") == nil)
    #expect(SessionCookie.id(in: "__Host-millwright=" + String(repeating: "a", count: 9000)) == nil)
    #expect(SessionCookie.id(in: nil) == nil)
  }

  @Test(
    "A bearer token is read by its kind in any letter case",
    arguments: [
      ("Bearer mw_abc", "mw_abc"), ("bearer  mw_abc ", "mw_abc"), ("Basic bWljaw==", nil), ("Bearer", ""),
      ("Bearers mw_abc", nil), ("Bearer " + String(repeating: "a", count: 600), ""), (nil, nil),
    ] as [(String?, String?)])
  func bearer(field: String?, token: String?) { #expect(BearerToken.token(in: field) == token) }

  @Test(
    "A form of another site is told by what the browser says of it",
    arguments: [
      ("same-origin", "https://m.example", "m.example", true),
      ("cross-site", "https://m.example", "m.example", false),
      ("same-site", nil, "m.example", false), ("none", nil, "m.example", false),
      (nil, nil, "m.example", true),
      (nil, "https://m.example", "m.example", true), (nil, "https://M.example:8443", "m.example:8443", true),
      (nil, "http://localhost:8080", "localhost:8080", true),
      (nil, "https://evil.example", "m.example", false),
      (nil, "https://m.example:8443", "m.example", false), (nil, "null", "m.example", false),
      (nil, "file://m.example", "m.example", false), (nil, "https://m.example", nil, false),
    ] as [(String?, String?, String?, Bool)])
  func sameOrigin(fetchSite: String?, origin: String?, host: String?, isOwn: Bool) {
    #expect(SameOrigin.isOwn(fetchSite: fetchSite, origin: origin, host: host) == isOwn)
  }
}
