import Aggregation
import Telemetry

/// The numbers of a chart as a table, for formats without pictures, and beside the pictures for the others.
extension ReportDocument {
  /// All numbers of the chart. Heat maps and columns have one row per day, a Gantt chart one row per stretch.
  public func table(of chart: Chart) -> DocumentTable {
    let terms = Terms(language)
    switch chart.content {
    case .bars(let bars):
      return chart.table(
        [.init(""), .number(terms.pick("Of", "分子 / 分母")), .number(terms.pick("Ratio", "占比"))],
        bars.map { [.text($0.label), .fraction($0.count, .plain), .ratio($0.count)] }, drawn: 2)
    case .histogram(let bins):
      return chart.table(
        [.init(terms.pick("Class", "区间")), .number(terms.pick("Number", "数量"))],
        bins.map { [.text($0.label), .number($0.number)] })
    case .slopes(let before, let after, let slopes):
      return chart.table(
        [.init("")] + [before, after, before + " n / d", after + " n / d"].map { .number($0) },
        slopes.map { slope in
          [
            .text(slope.label), .ratio(slope.before), .ratio(slope.after), .fraction(slope.before, .plain),
            .fraction(slope.after, .plain),
          ]
        })
    case .dots(let dots):
      return chart.table(
        [.init("")] + [dots.declared, dots.measured].map { .number($0) },
        dots.rows.map { [.text($0.label), .ratio($0.declared), .ratio($0.measured)] })
    case .heat(let days, let rows):
      return chart.table(
        [.init(terms.pick("Day", "日期"))] + rows.map { .number($0.label) },
        days.indices.map { day in
          [.day(days[day])]
            + rows.map { row in
              row.counts.indices.contains(day) ? row.counts[day].map { .ratio($0) } ?? .empty : .empty
            }
        })
    case .columns(let days, let unit, let series):
      return chart.table(
        [.init(terms.pick("Day", "日期"))]
          + series.map {
            .number($0.label.isEmpty ? unit : terms.pick("\($0.label) (\(unit))", "\($0.label)（\(unit)）"))
          },
        days.indices.map { day in
          [.day(days[day])]
            + series.map { series in
              series.values.indices.contains(day) ? .thousandths(series.values[day]) : .empty
            }
        })
    case .course(let name, let days, let counts):
      return chart.table(
        [.init(terms.step(days)), .number(name)],
        zip(days, counts).map { [Chart.cell(ofStep: $0, in: days), $1.map { .ratio($0) } ?? .empty] })
    case .gantt(_, let rows):
      return chart.table(
        [
          .init(terms.equipment), .init(terms.pick("From", "起")), .init(terms.pick("Until", "止")),
          .init(terms.pick("State", "状态")),
        ],
        rows.flatMap { row in
          row.spans.map { span in
            [.text(row.label), .instant(span.from), .instant(span.until), .text(terms.name(span.kind))]
          }
        })
    }
  }
}

extension ReportDocument.Section {
  /// Whether one of the section's own tables has every row of a chart's table. Then a format without pictures leaves
  /// the chart's table out.
  public func repeats(_ table: DocumentTable) -> Bool {
    blocks.contains { block in
      guard case .table(let other) = block else { return false }
      return table.rows.allSatisfy { row in
        guard let cells = row.cells else { return false }
        return other.rows.contains { other in
          guard let others = other.cells else { return false }
          return cells.allSatisfy(others.contains)
        }
      }
    }
  }
}

extension Terms {
  /// The text for a stretch of time.
  func name(_ kind: Chart.StateSpan.Kind) -> String {
    switch kind {
    case .state(let state): name(state)
    case .off: pick("not heard", "失联")
    case .unobserved: pick("not observed", "未观测")
    }
  }
}

extension Terms {
  /// The heading of steps in time.
  func step(_ days: [CalendarDay]) -> String {
    Chart.isDaily(days) ? pick("Day", "日期") : pick("Month", "月份")
  }
}

extension Chart {
  /// A step in time: a day, or a month such as `2024-08`.
  static func cell(ofStep day: CalendarDay, in days: [CalendarDay]) -> Cell {
    isDaily(days) ? .day(day) : .text(String(day.description.prefix(7)))
  }

  fileprivate func table(
    _ columns: [DocumentTable.Column], _ rows: [[Cell]], drawn: Int? = nil
  ) -> DocumentTable {
    var table = DocumentTable(title, columns, drawn: drawn)
    table.rows = rows.map { .cells($0) }
    return table
  }
}

extension DocumentTable.Column {
  fileprivate static func number(_ title: String) -> Self { Self(title, numeric: true) }
}
