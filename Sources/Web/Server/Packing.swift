import CZlib

/// Packs answers as gzip for peers that take it (RFC 9110, 8.4). No page has a secret beside a text that its address
/// names, so the length of a packed page betrays none.
extension WebResponse {
  /// Bytes below which packing saves less than a packet, and above which it takes a thread for seconds.
  private static let packable = 1024...(64 << 20)
  /// zlib's level: a page of the district takes 5 ms and becomes a tenth.
  private static let level: Int32 = 6

  /// The answer as it is sent to the peer of a request: packed if the peer takes that, and smaller by that. The tag of
  /// either form is weak, because their bytes differ.
  package func packed(for request: WebRequest) -> WebResponse {
    var response = self
    if let place = response.headers.firstIndex(where: { $0.name == "etag" }),
      !response.headers[place].value.hasPrefix("W/")
    {
      response.headers[place].value = "W/" + response.headers[place].value
    }
    guard header("content-encoding") == nil, isPackable || status == 304 else { return response }
    response.vary(by: "Accept-Encoding")
    guard case .bytes(let bytes) = body, Self.packable.contains(bytes.count), request.takesGzip,
      let packed = Self.gzip(bytes), packed.count < bytes.count
    else { return response }
    response.headers.append(("content-encoding", "gzip"))
    response.body = .bytes(packed)
    return response
  }

  /// Whether the body is text: workbooks and PDF are packed in themselves.
  private var isPackable: Bool {
    guard case .bytes = body, let type = header("content-type")?.prefix(while: { $0 != ";" }) else {
      return false
    }
    return type.hasPrefix("text/") || type.hasSuffix("json") || type.hasSuffix("+xml")
  }

  private mutating func vary(by field: String) {
    guard let place = headers.firstIndex(where: { $0.name == "vary" }) else {
      headers.append(("vary", field))
      return
    }
    if !headers[place].value.hasSuffix(field) { headers[place].value += ", \(field)" }
  }

  /// The bytes as a gzip stream; nil if memory is short.
  private static func gzip(_ bytes: [UInt8]) -> [UInt8]? {
    let packed = [UInt8](unsafeUninitializedCapacity: zlib_gzip_bound(bytes.count)) { target, count in
      guard let place = target.baseAddress else { return }
      count = zlib_gzip(bytes, bytes.count, place, level)
    }
    return packed.isEmpty ? nil : packed
  }
}

extension WebRequest {
  /// Whether the peer takes gzip: by its name or for every encoding, with a weight above 0 (RFC 9110, 12.5.3).
  package var takesGzip: Bool {
    var named: Bool?
    var others = false
    for range in (headers["accept-encoding"] ?? "").split(separator: ",").prefix(16) {
      let parts = range.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() }
      guard let coding = parts.first else { continue }
      let weight = parts.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
      switch coding {
      case "gzip", "x-gzip": named = weight > 0
      case "*": others = weight > 0
      default: break
      }
    }
    return named ?? others
  }
}
