import Reporting

/// A block together with the layout of its table.
enum SheetPart {
  case fields([ReportDocument.Field])
  case prose(String, ReportDocument.Style)
  case table(SheetTable, Chart?)

  init(_ block: ReportDocument.Block, _ document: ReportDocument) {
    switch block {
    case .fields(let fields): self = .fields(fields)
    case .prose(let text, let style): self = .prose(text, style)
    case .table(let table): self = .table(SheetTable(table, document), nil)
    case .chart(let chart): self = .table(SheetTable(document.table(of: chart), document), chart)
    }
  }

  /// The parts of a section. A plot of dots is left out: it repeats the ratios of the table below it, which has bars.
  static func parts(of section: ReportDocument.Section, _ document: ReportDocument) -> [SheetPart] {
    section.blocks.filter { block in
      if case .chart(let chart) = block, case .dots = chart.content { false } else { true }
    }.map { SheetPart($0, document) }
  }

  var standsApart: Bool {
    switch self {
    case .fields: true
    case .prose(_, let style): style == .strong
    case .table(_, let chart): chart != nil
    }
  }
}
