import CXLSXWriter
import Reporting

/// Excel charts beside the tables that they draw.
extension SheetWriter {
  /// Maximum number of rows in a bar chart; with more, its bars are too thin to distinguish.
  private static let mostBars = 40

  /// Draws the chart for the numbers of a table or a chart; `top` is the row of the headings.
  mutating func draw(_ table: SheetTable, _ chart: Chart?, top: lxw_row_t) throws(WorkbookError) {
    // A chart beside a form would halve the size of its print.
    guard table.filteredRows > 0, !ReportSection.ofForm.contains(section.name) else { return }
    let rows = (top + 1)...(top + lxw_row_t(table.filteredRows))
    switch chart?.content {
    case .gantt, .dots, .course: return
    case .heat: try shade(columns: 1..<table.headings.count, rows: rows)
    case .columns:
      let columns = try make(LXW_CHART_COLUMN_STACKED, of: table)
      for column in 1..<table.headings.count { add(to: columns, heading: top, naming: 0, column, rows) }
      if table.headings.count == 2 { removeLegend(columns) }
      try insert(columns, of: table, top: top, height: 300)
    case .histogram:
      let histogram = try make(LXW_CHART_COLUMN, of: table)
      add(to: histogram, heading: top, naming: 0, 1, rows)
      removeLegend(histogram)
      try insert(histogram, of: table, top: top, height: 300)
    case .slopes: try slopes(table, top: top)
    case nil where table.isCourse: try course(table, top: top, rows)
    case .bars, nil:
      guard let drawn = table.drawn else { return }
      // A long table has its bars in its cells, because a chart of some of its rows would mislead.
      if chart == nil, table.filteredRows > Self.mostBars || ReportSection.lists.contains(section.name) {
        try drawBars(column: drawn, rows: rows)
      } else {
        try bars(table, top: top, drawn: drawn)
      }
    }
  }

  private mutating func bars(
    _ table: SheetTable, top: lxw_row_t, drawn: Int
  ) throws(WorkbookError) {
    let shown = min(Self.mostBars, table.filteredRows)
    let chart = try make(LXW_CHART_BAR, of: table)
    let rows = (top + 1)...(top + lxw_row_t(shown))
    let series = add(to: chart, heading: top, naming: table.naming, drawn, rows)
    chart_series_set_labels(series)
    chart_series_set_labels_num_format(series, "0.0%")
    chart_set_series_gap(chart, 40)
    removeLegend(chart)
    // The order of the table, from the top.
    chart_axis_set_reverse(chart.pointee.y_axis)
    // Every bar has its label, and a full bar leaves room for its number.
    chart_axis_set_interval_unit(chart.pointee.y_axis, 1)
    setPercent(chart.pointee.x_axis, upTo: 1.15, step: 0.25)
    try insert(chart, of: table, top: top, height: 90 + 24 * Double(shown))
  }

  /// Bars within the cells of a column of ratios, from 0 to 100 %.
  private func drawBars(column: Int, rows: ClosedRange<lxw_row_t>) throws(WorkbookError) {
    var bars = lxw_conditional_format()
    bars.type = UInt8(LXW_CONDITIONAL_DATA_BAR.rawValue)
    bars.min_rule_type = UInt8(LXW_CONDITIONAL_RULE_TYPE_NUMBER.rawValue)
    bars.max_rule_type = UInt8(LXW_CONDITIONAL_RULE_TYPE_NUMBER.rawValue)
    bars.min_value = 0
    bars.max_value = 1
    bars.bar_color = 0x9D_C3E6
    try check(
      worksheet_conditional_format_range(
        sheet, rows.lowerBound, lxw_col_t(column), rows.upperBound, lxw_col_t(column), &bars))
  }

  /// One line per row, from the ratio before to the ratio after.
  private mutating func slopes(_ table: SheetTable, top: lxw_row_t) throws(WorkbookError) {
    let chart = try make(LXW_CHART_LINE, of: table)
    for place in 0..<min(Self.mostBars, table.filteredRows) {
      let row = top + 1 + lxw_row_t(place)
      guard let series = chart_add_series(chart, nil, nil) else { continue }
      chart_series_set_name_range(series, name, row, 0)
      chart_series_set_categories(series, name, top, 1, top, 2)
      chart_series_set_values(series, name, row, 1, row, 2)
      chart_series_set_marker_type(series, UInt8(LXW_CHART_MARKER_CIRCLE.rawValue))
    }
    setPercent(chart.pointee.y_axis)
    try insert(chart, of: table, top: top, height: 360)
  }

  /// One line per column of ratios. A missing figure is a gap.
  private mutating func course(
    _ table: SheetTable, top: lxw_row_t, _ rows: ClosedRange<lxw_row_t>
  ) throws(WorkbookError) {
    let chart = try make(LXW_CHART_LINE, of: table)
    for column in 1..<table.headings.count where table.isNumeric[column] {
      let series = add(to: chart, heading: top, naming: 0, column, rows)
      chart_series_set_marker_type(series, UInt8(LXW_CHART_MARKER_CIRCLE.rawValue))
    }
    setPercent(chart.pointee.y_axis)
    try insert(chart, of: table, top: top, height: 300)
  }

  /// Higher values are darker, so that the colours also differ in greyscale.
  private func shade(columns: Range<Int>, rows: ClosedRange<lxw_row_t>) throws(WorkbookError) {
    guard !columns.isEmpty else { return }
    var scale = lxw_conditional_format()
    scale.type = UInt8(LXW_CONDITIONAL_2_COLOR_SCALE.rawValue)
    scale.min_rule_type = UInt8(LXW_CONDITIONAL_RULE_TYPE_NUMBER.rawValue)
    scale.max_rule_type = UInt8(LXW_CONDITIONAL_RULE_TYPE_NUMBER.rawValue)
    scale.min_value = 0
    scale.max_value = 1
    scale.min_color = 0xFF_FFFF
    scale.max_color = 0x6B_A3D6
    try check(
      worksheet_conditional_format_range(
        sheet, rows.lowerBound, lxw_col_t(columns.lowerBound), rows.upperBound,
        lxw_col_t(columns.upperBound - 1), &scale))
  }

  private func make(
    _ kind: lxw_chart_type, of table: SheetTable
  ) throws(WorkbookError) -> UnsafeMutablePointer<lxw_chart> {
    guard let chart = workbook_add_chart(workbook.handle, UInt8(kind.rawValue)) else {
      throw WorkbookError(description: "no chart can be made of '\(table.caption)'")
    }
    chart_title_set_name(chart, table.caption.forChart)
    return chart
  }

  /// A column of the table as a series: named by its heading, with the labels in the column `naming`.
  @discardableResult
  private func add(
    to chart: UnsafeMutablePointer<lxw_chart>, heading: lxw_row_t, naming: Int, _ column: Int,
    _ rows: ClosedRange<lxw_row_t>
  ) -> UnsafeMutablePointer<lxw_chart_series>? {
    guard let series = chart_add_series(chart, nil, nil) else { return nil }
    chart_series_set_name_range(series, name, heading, lxw_col_t(column))
    let named = lxw_col_t(naming)
    chart_series_set_categories(series, name, rows.lowerBound, named, rows.upperBound, named)
    let values = lxw_col_t(column)
    chart_series_set_values(series, name, rows.lowerBound, values, rows.upperBound, values)
    return series
  }

  private func removeLegend(_ chart: UnsafeMutablePointer<lxw_chart>) {
    chart_legend_set_position(chart, UInt8(LXW_CHART_LEGEND_NONE.rawValue))
  }

  private func setPercent(
    _ axis: UnsafeMutablePointer<lxw_chart_axis>?, upTo most: Double = 1, step: Double = 0.2
  ) {
    chart_axis_set_min(axis, 0)
    chart_axis_set_max(axis, most)
    chart_axis_set_major_unit(axis, step)
    chart_axis_set_num_format(axis, "0%")
  }

  private mutating func insert(
    _ chart: UnsafeMutablePointer<lxw_chart>, of table: SheetTable, top: lxw_row_t, height: Double
  ) throws(WorkbookError) {
    // The library's default size is 480 by 288.
    var options = lxw_chart_options()
    options.x_scale = 1.2
    // Leaves a gap to the table.
    options.x_offset = 16
    options.y_scale = height / 288
    try check(
      worksheet_insert_chart_opt(sheet, place(height: height, from: top), chartColumn, chart, &options))
  }
}
