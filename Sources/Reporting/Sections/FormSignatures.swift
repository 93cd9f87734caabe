import Aggregation

/// The end of a form: lines for those who sign it.
extension DocumentWriter {
  /// Who reported, who checked, and the seal: to fill in by hand. The columns are those of the form's tables, so that a
  /// sheet has one row of headings.
  func signatures() -> [ReportDocument.Block] {
    let title = pick("Signatures and seal", "签章")
    let sign = pick("Name, signature and date", "姓名（签字）、日期")
    var table = formTable(title)
    table.rows = [
      (pick("Reported by", "填报人"), sign), (pick("Checked by", "审核人"), sign),
      (pick("Organisation", "单位"), pick("Seal and date", "盖章、日期")),
    ].map { .cells([.text($0.0), .blank, .empty, .text($0.1)]) }
    return [.prose(title, .strong), .table(table)]
  }
}
