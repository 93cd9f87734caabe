import Reporting
import Testing
import Web

@Suite("Requests") struct WebRequestTests {
  @Test(
    "A path is decoded by segments",
    arguments: [
      ("/", []), ("/factories/F001", ["factories", "F001"]), ("/a%2Fb/c", ["a/b", "c"]),
      ("/%E4%BC%81", ["企"]), ("/a//b", ["a", "", "b"]), ("/a+b", ["a+b"]),
    ] as [(String, [String])])
  func paths(target: String, segments: [String]) {
    #expect(WebRequest(target: target).segments == segments)
  }

  @Test(
    "A path that is no encoded UTF-8 has no segments", arguments: ["", "a", "/%", "/%4", "/%GG", "/%FF", "*"])
  func invalidPaths(target: String) { #expect(WebRequest(target: target).segments == nil) }

  @Test("A query has its parameters, the first of several") func queries() {
    let request = WebRequest(target: "/?q=a+b%20c&q=d&empty=&lone&%=x&n=%E4%BC%81")
    #expect(request.parameter("q") == "a b c")
    #expect(request.parameter("empty") == "" && request.parameter("lone") == "")
    #expect(request.parameter("n") == "企")
    #expect(request.query.count == 5)
    #expect(WebRequest(target: "/?" + String(repeating: "a=1&", count: 1000)).query.count == 64)
  }

  @Test(
    "A text in an address is the same when it is read", arguments: ["F001", "a b", "企业/1", "%&=+?#", "'\""])
  func encoding(text: String) {
    #expect(WebRequest(target: "/x/\(WebRequest.encoded(text))").segments == ["x", text])
    #expect(WebRequest(target: "/?q=\(WebRequest.encoded(text))").parameter("q") == text)
  }

  @Test(
    "The query's language comes first, then the reader's preferred one",
    arguments: [
      ("/", "", Language.english), ("/", "zh-CN,en;q=0.5", .chinese), ("/", "en-GB,zh;q=0.9", .english),
      ("/", "fr,zh;q=0.1", .chinese), ("/", "zh;q=0,en", .english), ("/", "en;q=0.2, zh;q=0.8", .chinese),
      ("/?lang=en", "zh", .english), ("/?lang=zh", "en", .chinese), ("/?lang=xx", "zh", .chinese),
      ("/", "zh;q=2", .english), ("/", ";;;,,", .english),
    ])
  func languages(target: String, field: String, language: Language) {
    #expect(WebRequest(target: target, headers: ["accept-language": field]).language == language)
  }
}
