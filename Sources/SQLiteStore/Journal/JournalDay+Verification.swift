import GRDB
import Journal

/// Verifies the blocks of a day.
extension JournalDay {
  /// Lends every block with its hash, checked against the chain, which `opening` begins; returns its end and
  /// the day by factory.
  func forEachVerifiedBlock(
    following opening: JournalHead, _ body: (JournalBlock) throws -> Void
  ) throws -> (end: JournalHead, digest: DayDigest) {
    var head = opening
    var digest = DayDigest()
    var spans = try spanHashes()[...]
    var openings = try openings()[...]
    try checkSpans()
    try forEachBlock(from: opening.number + 1) { block in
      var block = block
      let sections = try block.sections()
      let hash = block.hash(following: head.hash, sections)
      // Blocks of a span are held against the hash of its last.
      if spans.first?.number == block.number { block.hash = spans.removeFirst().hash }
      guard block.hash == nil || block.hash == hash else {
        throw StoreError(.corrupt, "\(path): block \(block.number) does not match its hash")
      }
      block.hash = hash
      // The entries that lead a reader to the current sources must lead to all of them.
      if let kind = block.content.opening {
        // A collector may have added the block since they were read.
        if openings.isEmpty { openings = try self.openings().drop { $0.block < block.number } }
        guard let entry = openings.popFirst(), entry.block == block.number,
          entry.isRereading == (kind == .rereading)
        else {
          throw StoreError(
            .corrupt, "\(path): block \(block.number) names sources and is not listed among those that do")
        }
      }
      digest.add(sections, of: block)
      try body(block)
      head = JournalHead(number: block.number, hash: hash)
    }
    if let missing = spans.first {
      throw StoreError(.corrupt, "\(path): block \(missing.number) is missing")
    }
    if let wrong = openings.first {
      throw StoreError(.corrupt, "\(path): block \(wrong.block) is listed as naming sources and does not")
    }
    return (head, digest)
  }

  /// Holds what is said of spans and their parts, by which records are chosen, against what they hold.
  private func checkSpans() throws {
    var next = Int64.min
    while case .span(let span)? = try stored(from: next) {
      do { try span.check() } catch {
        throw StoreError(error.kind, "\(path): blocks \(span.first)–\(span.last): \(error.description)")
      }
      next = span.last + 1
    }
  }

  private func spanHashes() throws(StoreError) -> [JournalHead] {
    try read { database in
      guard try hasTable("span", database) else { return [] }
      return try Row.fetchAll(database, sql: "SELECT last AS number, hash FROM span ORDER BY first").map {
        row in
        JournalHead(number: try row.count("number"), hash: try row.digest("hash"))
      }
    }
  }
}
