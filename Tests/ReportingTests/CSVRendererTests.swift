import Aggregation
import Foundation
import Reporting
import TestSupport
import Testing

struct CSVRendererTests {
  @Test(
    "a stranger's parser finds equal records and nothing to run in the CSV of every subject",
    arguments: Language.allCases)
  func parses(language: Language) throws {
    let folder = try TemporaryDirectory("csv")
    let renderer = CSVRenderer(language: language)
    var files = [folder.file("every-kind.csv")]
    try Data(renderer.render(SampleDocument.document(language))).write(to: URL(fileURLWithPath: files[0]))
    for subject in GoldenTests.subjects {
      files.append(folder.file("\(subject.name).csv"))
      let bytes = renderer.render(try GoldenTests.report(subject))
      try Data(bytes).write(to: URL(fileURLWithPath: files[files.count - 1]))
    }
    try ForeignReaders.expectNothingWrong("records", files)
  }

  @Test func `the stranger's parser does find what would be run`() throws {
    let folder = try TemporaryDirectory("csv")
    let texts = ["a,b\r\n\"=1\",2\r\n", "a,b\r\n1;=2,3\r\n", "a,b\r\n1\r\n", "a,b\n1,2\n"]
    for (place, text) in texts.enumerated() {
      let file = try folder.write("\(place).csv", text)
      #expect(try ForeignReaders.python("records", [file]).status == 1, "\(text)")
    }
  }

  @Test func `the mark for Excel is only there when asked for, and changes nothing else`() {
    let document = SampleDocument.document(.chinese)
    let plain = CSVRenderer(language: .chinese).render(document)
    #expect(
      CSVRenderer(language: .chinese, byteOrderMark: true).render(document) == [0xEF, 0xBB, 0xBF] + plain)
    #expect(plain.starts(with: Array("section,table,row,".utf8)))
  }

  @Test(
    "no two columns of a table have the same heading in CSV", arguments: GoldenTests.subjects,
    Language.allCases)
  func columns(subject: GoldenTests.Subject, language: Language) throws {
    let document = ReportDocument(try GoldenTests.report(subject), language: language)
    for case .table(let table) in document.sections.flatMap(\.blocks) {
      let titles = table.columns.map(\.fullTitle)
      #expect(Set(titles).count == titles.count, "\(table.caption): \(titles)")
    }
  }

  @Test func `rows that a terminal leaves out are all there`() throws {
    let document = SampleDocument.document(.english)
    let text = String(decoding: CSVRenderer().render(document), as: UTF8.self)
    #expect(
      text.split(separator: "\r\n").count { $0.hasPrefix("gaps,Names,") } == 2 * SampleDocument.hostile.count)
  }
}
