import CExpat
import Register

/// Receives the elements and texts of an XML document.
protocol XMLHandler: AnyObject {
  func start(_ name: XMLName, _ attributes: XMLAttributes, _ reader: XMLReader)
  func end(_ name: XMLName, _ reader: XMLReader)
  func text(_ bytes: UnsafeBufferPointer<UInt8>)
}

extension XMLHandler {
  func end(_ name: XMLName, _ reader: XMLReader) {}
  func text(_ bytes: UnsafeBufferPointer<UInt8>) {}
}

/// Reads an XML document a piece at a time. Owner of expat's parser.
///
/// A document with a type declaration is refused, so that there are no entities to expand. Tags are at most a mebibyte
/// long, and elements are nested at most 200 deep.
final class XMLReader {
  private let parser: OpaquePointer
  private let file: String
  private let part: String
  private unowned let handler: any XMLHandler
  private var depth = 0
  private var fed = 0
  private var refusal: (String, String)?
  /// The encoding that the document declares; nil if it declares none.
  private(set) var encoding: String?
  private(set) var isStopped = false
  /// Whether the handler paused: the rest of what was read waits for ``resume()``.
  private(set) var isPaused = false
  /// Pieces that came while the reader paused.
  private var waiting: [UInt8] = []

  private static let longestTag = 1 << 20
  private static let deepest = 200

  /// A reader of the part `part` of a file, whose content `handler` receives. The handler must live as long.
  ///
  /// - Throws: a problem when memory is short.
  init(file: String, part: String, _ handler: any XMLHandler) throws(RegisterProblem) {
    guard let parser = XML_ParserCreate(nil) else { throw LedgerProblem.damagedPart(file, part) }
    (self.parser, self.file, self.part, self.handler) = (parser, file, part, handler)
    XML_SetUserData(parser, Unmanaged.passUnretained(self).toOpaque())
    XML_SetElementHandler(
      parser,
      { context, name, attributes in
        guard let name, let attributes else { return }
        XMLReader.from(context)?.started(XMLName(name), XMLAttributes(attributes))
      },
      { context, name in
        guard let name else { return }
        XMLReader.from(context)?.ended(XMLName(name))
      })
    XML_SetCharacterDataHandler(parser) { context, text, count in
      guard let text, let reader = XMLReader.from(context), !reader.isStopped else { return }
      text.withMemoryRebound(to: UInt8.self, capacity: Int(count)) {
        reader.handler.text(UnsafeBufferPointer(start: $0, count: Int(count)))
      }
    }
    XML_SetStartDoctypeDeclHandler(parser) { context, _, _, _, _ in
      XMLReader.from(context)?.refuse(("a document type declaration", "含有文档类型声明"))
    }
    XML_SetXmlDeclHandler(parser) { context, _, encoding, _ in
      XMLReader.from(context)?.encoding = encoding.map { String(cString: $0) }
    }
  }

  deinit { XML_ParserFree(parser) }

  private static func from(_ context: UnsafeMutableRawPointer?) -> XMLReader? {
    context.map { Unmanaged<XMLReader>.fromOpaque($0).takeUnretainedValue() }
  }

  /// Offset of the end of the tag that is being handled, in bytes from the beginning of the document.
  var endOfTag: Int { Int(expat_byte_index(parser)) + Int(expat_byte_count(parser)) }

  /// Ends reading after the current tag; further pieces are ignored.
  func stop() {
    isStopped = true
    XML_StopParser(parser, XML_Bool(XML_FALSE))
  }

  /// Pauses after the current tag, so that the handler's results can be taken before there are too many.
  func pause() { XML_StopParser(parser, XML_Bool(XML_TRUE)) }

  /// Goes on after a pause; the handler may pause again.
  ///
  /// - Throws: as ``read(_:isLast:)`` does.
  func resume() throws(RegisterProblem) {
    guard isPaused, !isStopped else { return }
    try check(XML_ResumeParser(parser))
    guard !isPaused, !waiting.isEmpty else { return }
    let bytes = waiting
    waiting = []
    try read(bytes)
  }

  /// Reads the next piece of the document. Nothing may be read while the reader is paused.
  ///
  /// - Throws: a problem for a document that is not well formed, or refused.
  func read(_ bytes: UnsafeRawBufferPointer, isLast: Bool = false) throws(RegisterProblem) {
    // expat counts in 32 bits.
    var rest = bytes
    repeat {
      guard !isStopped else { break }
      guard !isPaused else {
        waiting.append(contentsOf: rest)
        break
      }
      let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 18))
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(piece.count))
      fed += piece.count
      let text = piece.bindMemory(to: CChar.self).baseAddress
      let status = XML_Parse(parser, text, Int32(piece.count), isLast && rest.isEmpty ? 1 : 0)
      if refusal == nil, !isStopped, status == XML_STATUS_OK,
        fed - Int(expat_byte_index(parser)) > Self.longestTag + piece.count
      {
        refuse(("a tag is too long", "标签过长"))
      }
      try check(status)
    } while !rest.isEmpty
  }

  private func check(_ status: XML_Status) throws(RegisterProblem) {
    isPaused = status == XML_STATUS_SUSPENDED
    if let refusal { throw LedgerProblem.damagedPart(file, part, refusal) }
    guard status != XML_STATUS_ERROR || isStopped else { throw LedgerProblem.damagedPart(file, part) }
  }

  /// Reads the next piece of the document.
  func read(_ bytes: [UInt8]) throws(RegisterProblem) {
    try bytes.withUnsafeBufferPointer { (bytes) throws(RegisterProblem) in
      try read(UnsafeRawBufferPointer(bytes))
    }
  }

  private func refuse(_ why: (String, String)) {
    refusal = why
    stop()
  }

  private func started(_ name: XMLName, _ attributes: XMLAttributes) {
    guard !isStopped else { return }
    depth += 1
    guard depth <= Self.deepest else { return refuse(("elements are nested too deep", "元素嵌套过深")) }
    handler.start(name, attributes, self)
  }

  private func ended(_ name: XMLName) {
    guard !isStopped else { return }
    depth -= 1
    handler.end(name, self)
  }
}

extension XMLReader {
  /// Reads a whole entry of an archive, at most `limit` bytes; an entry that does not exist is empty if `isOptional`.
  static func read(
    _ part: String, of archive: ZipArchive, limit: Int, isOptional: Bool = false, _ handler: any XMLHandler
  ) throws(RegisterProblem) {
    if isOptional, !archive.has(part) { return }
    let entry = try archive.open(part, limit: limit)
    let reader = try XMLReader(file: archive.file, part: part, handler)
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
    defer { piece.deallocate() }
    while !reader.isStopped {
      let count = try entry.read(into: piece)
      try reader.read(UnsafeRawBufferPointer(rebasing: piece.prefix(count)), isLast: count == 0)
      if count == 0 { break }
    }
  }
}
