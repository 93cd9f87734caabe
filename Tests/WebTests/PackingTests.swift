import CZlib
import Foundation
import Reporting
import Telemetry
import Testing
import Web

/// The bytes that a gzip stream packs, at most a mebibyte; nil if it is broken or has others behind it.
private func unpacked(_ bytes: [UInt8]) -> [UInt8]? {
  // zlib wants its state to stay at one address.
  let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
  stream.initialize(to: z_stream())
  defer { stream.deallocate() }
  // 31: zlib's largest window, and gzip's head.
  guard inflateInit2_(stream, 31, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
    return nil
  }
  defer { inflateEnd(stream) }
  var source = bytes
  return source.withUnsafeMutableBufferPointer { source -> [UInt8]? in
    stream.pointee.next_in = source.baseAddress
    stream.pointee.avail_in = UInt32(source.count)
    var result = Z_OK
    let text = [UInt8](unsafeUninitializedCapacity: 1 << 20) { target, count in
      stream.pointee.next_out = target.baseAddress
      stream.pointee.avail_out = UInt32(target.count)
      result = inflate(stream, Z_FINISH)
      count = Int(stream.pointee.total_out)
    }
    return result == Z_STREAM_END && stream.pointee.avail_in == 0 ? text : nil
  }
}

private func bytes(_ response: WebResponse) -> [UInt8] {
  if case .bytes(let bytes) = response.body { bytes } else { [] }
}

@Suite("Packed answers") struct PackingTests {
  private static let asked = WebRequest(target: "/", headers: ["accept-encoding": "gzip, deflate, br"])

  @Test("A page is packed for who takes gzip, and is the same page") func page() throws {
    let office = try Office()
    try office.fill()
    for target in ["/?lang=zh", "/factories/F001?lang=en", "/api/v1/district", "/assets/none"] {
      let plain = office.answer(target)
      let packed = office.answer(target, headers: ["accept-encoding": "gzip, deflate, br"])
      #expect(packed.status == plain.status && packed.header("etag") == plain.header("etag"))
      #expect(packed.header("vary") == plain.header("vary"))
      guard plain.text.utf8.count >= 1024 else { continue }
      #expect(packed.header("content-encoding") == "gzip" && plain.header("content-encoding") == nil)
      #expect(bytes(packed).count < bytes(plain).count / 2, "\(target)")
      #expect(unpacked(bytes(packed)) == bytes(plain), "\(target)")
    }
    let tag = try #require(office.answer("/").header("etag"))
    #expect(tag.hasPrefix("W/\""))
    for encoding in ["gzip", "identity"] {
      let answer = office.answer("/", headers: ["if-none-match": tag, "accept-encoding": encoding])
      #expect(answer.status == 304 && answer.header("etag") == tag)
      #expect(answer.header("vary") == "Accept-Language, Cookie, Authorization, Accept-Encoding")
    }
  }

  @Test(
    "An encoding is taken by its weight",
    arguments: [
      ("gzip", true), ("gzip, deflate, br, zstd", true), ("br;q=1.0, GZIP;q=0.8", true), ("*", true),
      ("x-gzip", true), ("gzip;q=0", false), ("gzip; q=0.0", false), ("*;q=0, gzip", true),
      ("gzip;q=0, *", false), ("identity", false), ("", false), ("br", false), ("gzip;q=x", false),
    ])
  func weights(field: String, isTaken: Bool) {
    #expect(WebRequest(target: "/", headers: ["accept-encoding": field]).takesGzip == isTaken)
  }

  @Test("Short answers, and files that are packed in themselves, stay as they are") func others() {
    let short = WebResponse.text(String(repeating: "x", count: 1023), type: "text/plain")
    #expect(bytes(short.packed(for: Self.asked)) == bytes(short))
    #expect(short.packed(for: Self.asked).header("vary") == "Accept-Encoding")
    let long = WebResponse.text(String(repeating: "x", count: 1024), type: "text/plain")
    let packed = long.packed(for: Self.asked)
    #expect(packed.header("content-encoding") == "gzip" && unpacked(bytes(packed)) == bytes(long))
    // A second time changes nothing.
    #expect(bytes(packed.packed(for: Self.asked)) == bytes(packed))
    #expect(packed.packed(for: Self.asked).headers.map(\.name) == packed.headers.map(\.name))
    for type in ["application/pdf", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"] {
      let file = WebResponse.text(String(repeating: "x", count: 4096), type: type)
      #expect(file.packed(for: Self.asked).headers.map(\.name) == ["content-type"])
    }
  }

  @Test("The head of a packed answer tells its packed length") func head() throws {
    let office = try Office()
    try office.fill()
    let packed = office.answer("/", headers: ["accept-encoding": "gzip"])
    let head = WebRoutes(
      routes: office.site.routes(), authorize: { _ in .allowed(.district) },
      errors: ErrorPages { _, _ in "" }
    ).respond(to: WebRequest(method: .head, target: "/", headers: ["accept-encoding": "gzip"]))
    #expect(head.header("content-length") == "\(bytes(packed).count)" && bytes(head).isEmpty)
  }
}

@Suite("Kept pages") struct PageCacheTests {
  private func snapshot(_ number: Int) -> Snapshot {
    Snapshot(
      number: number, moment: Moment(nil, at: morning), collector: CollectorView(.collecting), report: nil,
      regions: [])
  }

  private func key(
    _ target: String, _ viewer: Viewer = .district, account: String? = nil, state: String = "",
    encoding: String = ""
  ) -> PageCache.Key {
    PageCache.Key(
      RouteCall(
        WebRequest(target: target, headers: ["accept-encoding": encoding]), viewer, account: account),
      state: state)
  }

  @Test("A page is made once for a snapshot, and for each that sees another page") func once() {
    let cache = PageCache()
    var made = 0
    func ask(_ key: PageCache.Key, at number: Int = 1) -> String {
      cache.answer(key, at: snapshot(number)) {
        made += 1
        return .text("\(made)", type: "text/html")
      }.text
    }
    #expect(ask(key("/")) == "1" && ask(key("/")) == "1")
    let others = [
      key("/a"), key("/?q=1"), key("/?q=1&r"), key("/?lang=zh"), key("/", .factory("F001")),
      key("/", account: "boss"), key("/", state: "s"), key("/", encoding: "gzip"),
    ]
    #expect(others.map { ask($0) } == (2...9).map { "\($0)" })
    #expect(others.map { ask($0) } == (2...9).map { "\($0)" } && ask(key("/")) == "1")
    #expect(ask(key("/"), at: 2) == "10" && ask(key("/"), at: 2) == "10")
  }

  @Test("Pages are dropped before they take more than 8 MiB") func bounded() {
    let cache = PageCache()
    var made = 0
    func ask(_ number: Int) {
      _ = cache.answer(key("/?q=\(number)"), at: snapshot(1)) {
        made += 1
        return WebResponse(body: .bytes([UInt8](repeating: 0, count: 1 << 20)))
      }
    }
    for number in 1...7 { ask(number) }
    ask(1)
    #expect(made == 7)
    // The eighth, with its key, is too much: it is kept without the others.
    ask(8)
    ask(8)
    #expect(made == 8)
    ask(1)
    #expect(made == 9)
    #expect(WebLimits.cachedPages == 8 << 20)
  }
}
