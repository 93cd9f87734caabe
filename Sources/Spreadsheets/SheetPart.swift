import Reporting

/// A block together with the layout of its table.
enum SheetPart {
  /// The title of a section on a sheet of several.
  case heading(String)
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

  /// The parts of a section's blocks. Plots of dots and courses are left out: they repeat the ratios of the table below
  /// them, which has bars or a line chart.
  static func parts(_ blocks: [ReportDocument.Block], _ document: ReportDocument) -> [SheetPart] {
    blocks.filter { block in
      guard case .chart(let chart) = block else { return true }
      return switch chart.content {
      case .dots, .course: false
      default: true
      }
    }.map { SheetPart($0, document) }
  }

  var standsApart: Bool {
    switch self {
    case .fields, .heading: true
    case .prose(_, let style): style == .strong
    case .table(_, let chart): chart != nil
    }
  }
}

extension ReportDocument.Style {
  var cell: CellStyle {
    switch self {
    case .plain: CellStyle()
    case .strong: CellStyle(isBold: true)
    case .faint: CellStyle(isItalic: true)
    case .warning: CellStyle(isWarning: true)
    }
  }
}
