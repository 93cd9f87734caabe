import Telemetry
import Testing

@Suite("Records that are refused while others of their message count") struct RefusedRecordsTests {
  @Test("have the text from which they are read again", arguments: [(1, 1), (3, 1), (3, 3), (10_000, 2)])
  func text(first: Int, count: Int) {
    let records = RefusedRecords(first: first, count: count)
    #expect(RefusedRecords(excerpt: records.description) == records)
  }

  @Test("are named by the place of the first and the number of the others") func form() {
    #expect(RefusedRecords(first: 2, count: 1).description == "#2")
    #expect(RefusedRecords(first: 2, count: 4).description == "#2 +3")
  }

  @Test(
    "are not read from other text",
    arguments: [
      "", "#", "2", "#0", "#-2", "#+2", "#2 ", "#2 3", "#2 +", "#2 +0", "#2 ++1", "#2 +1 +1", "\"#2\"", "#２",
      "#2\n", "#99999999999999999999", "#1 +9223372036854775807",
    ])
  func other(text: String) { #expect(RefusedRecords(excerpt: text) == nil) }
}
