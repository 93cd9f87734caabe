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

  var standsApart: Bool {
    switch self {
    case .fields: true
    case .prose(_, let style): style == .strong
    case .table(_, let chart): chart != nil
    }
  }
}
